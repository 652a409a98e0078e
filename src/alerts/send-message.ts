import type { AlertRoute } from '../manifest/index.ts';
import type { AttemptResult } from '../subscriptions/index.ts';
import type { AlertDeps } from './deps.ts';
import type { Told } from './message.ts';
import { postChat, postSigned } from './post-message.ts';
import { sendMail } from './send-mail.ts';

type Deps = Pick<AlertDeps, 'clock' | 'checkUrl' | 'receivers' | 'targets' | 'timeoutMs'>;

/** One attempt by a route. Raises nothing: whatever happens is the attempt's result. */
export async function sendMessage(
  deps: Deps,
  route: AlertRoute,
  message: { readonly id: string; readonly told: Told },
): Promise<AttemptResult> {
  if (missingFor(deps.targets, route) !== null) return { status: null, cause: 'route_unset', waitMs: null };
  const url = deps.targets.urls.get(route.name) ?? '';
  switch (route.to.kind) {
    case 'webhook':
      return postSigned(deps, { url, secret: deps.targets.secrets.get(route.name) ?? '' }, message);
    case 'slack':
      return postChat(deps, url, message.told);
    case 'email':
      return deps.targets.mail === null
        ? { status: null, cause: 'route_unset', waitMs: null }
        : sendMail(deps, deps.targets.mail, { to: route.to.addresses, ...message });
  }
}

/** The variable without which the route leads nowhere; null: nothing is missing. */
export function missingFor(targets: AlertDeps['targets'], { name, to }: AlertRoute): string | null {
  if (to.kind === 'email') return targets.mail === null ? 'GANTRY_SMTP_URL' : null;
  if (!targets.urls.has(name)) return `GANTRY_ALERT_${name.toUpperCase()}_URL`;
  return to.kind === 'webhook' && !targets.secrets.has(name) ? `GANTRY_ALERT_${name.toUpperCase()}_SECRET` : null;
}
