import type { AlertRoute } from '../manifest/index.ts';
import type { JsonObject } from '../kernel/index.ts';
import type { AttemptResult } from '../subscriptions/index.ts';
import type { AlertDeps } from './deps.ts';
import { chatText, mailText, messageBody, type Told } from './message.ts';
import { postChat, postSigned } from './post-message.ts';
import { sendMail } from './send-mail.ts';

type Deps = Pick<AlertDeps, 'clock' | 'checkUrl' | 'receivers' | 'targets' | 'timeoutMs'>;

/** What is told, as each kind of route carries it. */
export interface Content {
  /** The same at every attempt. */
  readonly id: string;
  /** For chats, with nothing in it that could format, link or call anybody but what is meant to. */
  readonly chat: string;
  readonly mail: { readonly subject: string; readonly text: string };
  readonly bodyAt: (now: Date) => JsonObject;
}

/** One attempt by a route. Raises nothing: whatever happens is the attempt's result. */
export function sendMessage(
  deps: Deps,
  route: AlertRoute,
  { id, told }: { readonly id: string; readonly told: Told },
): Promise<AttemptResult> {
  const bodyAt = (now: Date): JsonObject => messageBody(told, now);
  return sendContent(deps, route, { id, chat: chatText(told), mail: mailText(told), bodyAt });
}

/** The same for what is no alert. */
export async function sendContent(deps: Deps, route: AlertRoute, content: Content): Promise<AttemptResult> {
  if (missingFor(deps.targets, route) !== null) return { status: null, cause: 'route_unset', waitMs: null };
  const url = deps.targets.urls.get(route.name) ?? '';
  switch (route.to.kind) {
    case 'webhook':
      return postSigned(deps, { url, secret: deps.targets.secrets.get(route.name) ?? '' }, content);
    case 'slack':
      return postChat(deps, url, content.chat);
    case 'email':
      return deps.targets.mail === null
        ? { status: null, cause: 'route_unset', waitMs: null }
        : sendMail(deps, deps.targets.mail, { to: route.to.addresses, ...content });
  }
}

/** The variable without which the route leads nowhere; null: nothing is missing. */
export function missingFor(targets: AlertDeps['targets'], { name, to }: AlertRoute): string | null {
  if (to.kind === 'email') return targets.mail === null ? 'GANTRY_SMTP_URL' : null;
  if (!targets.urls.has(name)) return `GANTRY_ALERT_${name.toUpperCase()}_URL`;
  return to.kind === 'webhook' && !targets.secrets.has(name) ? `GANTRY_ALERT_${name.toUpperCase()}_SECRET` : null;
}
