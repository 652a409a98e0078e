import { randomBytes } from 'node:crypto';
import type { SandboxClock } from '../../kit/index.ts';

/** What an admin decides about a webhook. Source: Zendesk, "Webhooks API", JSON format. */
export interface WebhookDraft {
  readonly name: string;
  readonly description: string | null;
  readonly endpoint: string;
  readonly httpMethod: string;
  readonly requestFormat: string;
  readonly status: 'active' | 'inactive';
  readonly subscriptions: readonly string[];
  readonly customHeaders: Readonly<Record<string, string>> | null;
  readonly authentication: Authentication | null;
}

/** Credentials that each request carries; the values are never shown again. */
export type Authentication =
  | { readonly type: 'basic_auth'; readonly data: { readonly username: string; readonly password: string } }
  | { readonly type: 'bearer_token'; readonly data: { readonly token: string } }
  | { readonly type: 'api_key'; readonly data: { readonly name: string; readonly value: string } };

export interface Webhook extends WebhookDraft {
  readonly id: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** Key of the signatures, as text. */
  readonly secret: string;
}

export interface WebhookStore {
  all(): readonly Webhook[];
  get(id: string): Webhook | null;
  create(draft: WebhookDraft, by: string): Webhook;
  update(webhook: Webhook, draft: WebhookDraft, by: string): Webhook;
  resetSecret(webhook: Webhook): Webhook;
  remove(id: string): void;
}

export function createWebhookStore(clock: SandboxClock): WebhookStore {
  const webhooks = new Map<string, Webhook>();
  const kept = (webhook: Webhook): Webhook => {
    webhooks.set(webhook.id, webhook);
    return webhook;
  };
  const now = (): string => `${clock.now().toISOString().slice(0, 19)}Z`;
  return {
    all: () => [...webhooks.values()],
    get: (id) => webhooks.get(id) ?? null,
    create: (draft, by) => {
      const stamps = { createdAt: now(), createdBy: by, updatedAt: now(), updatedBy: by };
      return kept({ ...draft, ...stamps, id: ulid(clock.now().getTime()), secret: newSecret() });
    },
    update: (webhook, draft, by) => kept({ ...webhook, ...draft, updatedAt: now(), updatedBy: by }),
    resetSecret: (webhook) => kept({ ...webhook, secret: newSecret() }),
    remove: (id) => {
      webhooks.delete(id);
    },
  };
}

function newSecret(): string {
  return randomBytes(30).toString('base64');
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 26 characters that begin with the time, as Zendesk's ids of webhooks and invocations do. */
export function ulid(ms: number): string {
  let time = '';
  for (let rest = ms; time.length < 10; rest = Math.floor(rest / 32)) time = DIGITS.charAt(rest % 32) + time;
  return time + [...randomBytes(16)].map((byte) => DIGITS.charAt(byte % 32)).join('');
}
