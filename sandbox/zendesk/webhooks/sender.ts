import { createHmac, randomUUID } from 'node:crypto';
import {
  hash32,
  hashText,
  isSuccess,
  type Deliveries,
  type Effect,
  type Outcome,
  type SandboxClock,
  type SendingRules,
} from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import { eventsOf, type Change, type ChangeEvent } from './changes.ts';
import { createCircuit, type Circuit } from './circuit.ts';
import { detailOf } from './detail.ts';
import { eventType } from './event-types.ts';
import { ulid, type Webhook, type WebhookStore } from './webhook-store.ts';

const SUBJECTS = { tickets: 'ticket', users: 'user', organizations: 'organization' } as const;
/** Versions that the events' pages show. */
const VERSIONS: Readonly<Record<ObjectName, string>> = {
  tickets: '2022-11-06',
  users: '2022-06-20',
  organizations: '2022-06-20',
};

/** Source: Zendesk, "Creating and monitoring webhooks", timeouts and retries. */
const TIMEOUT_MS = 12_000;
const CONFLICT_RETRIES = 3;
const TIMEOUT_RETRIES = 5;
const RETRY_AFTER_MAX_S = 60;
/** How long Zendesk waits where the receiver names no time, and how often it follows Retry-After, is not documented. */
const WAIT_MS = 2_000;
const RETRY_AFTER_RETRIES = 3;

export interface WebhookSender {
  /** Tells every active webhook that subscribes to one of the change's events; `actor` is the id of who made it. */
  announce(change: Change, about: Effect, actor: string): void;
  forget(id: string): void;
}

export interface SenderParts {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly store: WebhookStore;
  /** Makes the account's number. */
  readonly subdomain: string;
}

export function createWebhookSender({ clock, deliveries, store, subdomain }: SenderParts): WebhookSender {
  const accountId = 10_000_000 + (hash32(hashText(subdomain)) % 15_000_000);
  const circuits = new Map<string, Circuit>();
  const circuitOf = (id: string): Circuit => {
    const known = circuits.get(id) ?? createCircuit(clock);
    circuits.set(id, known);
    return known;
  };
  const rules: SendingRules = {
    timeoutMs: TIMEOUT_MS,
    retryInMs,
    holdMs: (source) => circuitOf(source).holdMs(),
    ended: (source, outcome) => circuitOf(source).ended(isSuccess(outcome)),
  };
  return {
    announce: (change, about, actor) => {
      const listeners = store.all().filter(({ status }) => status === 'active');
      if (listeners.length === 0) return;
      const sequence = randomUUID().replaceAll('-', '').toUpperCase();
      for (const [position, event] of eventsOf(change).entries()) {
        const type = eventType(SUBJECTS[change.object], event.name);
        const heard = listeners.filter(({ subscriptions }) => subscriptions.includes(type));
        if (heard.length === 0) continue;
        const meta = { sequence: { id: sequence, position: position + 1 } };
        const body = JSON.stringify(envelope({ accountId, change, event, type, meta, actor, at: clock.now() }));
        for (const { id, endpoint } of heard) {
          const invocation = ulid(clock.now().getTime());
          const request = () => ({ headers: headersOf(store.get(id), { accountId, invocation, body, clock }), body });
          deliveries.send({ source: id, to: endpoint, about, request }, rules);
        }
      }
    },
    forget: (id) => {
      circuits.delete(id);
      deliveries.cancel(id);
    },
  };
}

/** 409 up to three times, 429 and 503 when Retry-After is below a minute, timeouts up to five times; nothing else. */
function retryInMs(attempt: number, outcome: Outcome): number | null {
  if (outcome.kind === 'failed') return outcome.reason === 'timeout' && attempt <= TIMEOUT_RETRIES ? WAIT_MS : null;
  const { status, retryAfterS } = outcome;
  if (status === 409) return attempt <= CONFLICT_RETRIES ? WAIT_MS : null;
  if (status !== 429 && status !== 503) return null;
  const named = retryAfterS !== null && retryAfterS < RETRY_AFTER_MAX_S;
  return named && attempt <= RETRY_AFTER_RETRIES ? retryAfterS * 1000 : null;
}

interface Envelope {
  readonly accountId: number;
  readonly change: Change;
  readonly event: ChangeEvent;
  readonly type: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly at: Date;
}

/** Source: Zendesk, "Webhook event types", event schema. */
function envelope({ accountId, change, event, type, meta, actor, at }: Envelope): Readonly<Record<string, unknown>> {
  const { object, after } = change;
  const id = randomUUID();
  return {
    account_id: accountId,
    detail: detailOf(object, after, actor),
    event: object === 'tickets' ? { meta, ...event.event } : event.event,
    id,
    subject: `zen:${SUBJECTS[object]}:${after.id}`,
    time: nanoseconds(at, id),
    type,
    zendesk_event_version: VERSIONS[object],
  };
}

/** The clock knows milliseconds, the events nine digits. */
function nanoseconds(at: Date, salt: string): string {
  return `${at.toISOString().slice(0, -1)}${String(hash32(hashText(salt)) % 1_000_000).padStart(6, '0')}Z`;
}

interface Signing {
  readonly accountId: number;
  readonly invocation: string;
  readonly body: string;
  readonly clock: SandboxClock;
}

/** Source: Zendesk, "Anatomy of a webhook request" and "Verifying webhook authenticity". */
function headersOf(webhook: Webhook | null, signing: Signing): Readonly<Record<string, string>> {
  if (webhook === null) throw new Error('a deleted webhook sends nothing');
  const { accountId, invocation, body, clock } = signing;
  const timestamp = `${clock.now().toISOString().slice(0, 19)}Z`;
  return {
    ...webhook.customHeaders,
    ...credentials(webhook),
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Zendesk Webhook',
    'x-zendesk-account-id': String(accountId),
    'x-zendesk-webhook-id': webhook.id,
    'x-zendesk-webhook-invocation-id': invocation,
    'x-zendesk-webhook-signature': createHmac('sha256', webhook.secret)
      .update(timestamp + body)
      .digest('base64'),
    'x-zendesk-webhook-signature-timestamp': timestamp,
  };
}

function credentials({ authentication }: Webhook): Readonly<Record<string, string>> {
  switch (authentication?.type) {
    case undefined:
      return {};
    case 'basic_auth': {
      const { username, password } = authentication.data;
      return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    }
    case 'bearer_token':
      return { authorization: `Bearer ${authentication.data.token}` };
    case 'api_key':
      return { [authentication.data.name.toLowerCase()]: authentication.data.value };
  }
}
