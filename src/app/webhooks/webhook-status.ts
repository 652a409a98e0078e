import { whoMends } from '../../connection/index.ts';
import type { RegistrationState } from '../../inbox/index.ts';
import type { ConnectionId, JsonObject, TenantId } from '../../kernel/index.ts';
import { listRegistrations, listWebhooks, type Db, type RegistrationRow, type WebhookRow } from '../../store/index.ts';

type Heard = Pick<WebhookRow, 'heardAt' | 'refused' | 'refusedAt'>;

/** How changes of each connection are told, of those that have a webhook or shall have one. */
export async function webhookReports(db: Db, tenant: TenantId): Promise<ReadonlyMap<ConnectionId, JsonObject>> {
  const { registrations, webhooks } = await db.tenantRead(tenant, async (tx) => ({
    registrations: await listRegistrations(tx, { tenant }),
    webhooks: await listWebhooks(tx, tenant),
  }));
  const heardOf = new Map(webhooks.map((webhook) => [webhook.connection, webhook]));
  const own = new Map(registrations.map((row) => [row.connection, row]));
  const all = new Set([...own.keys(), ...heardOf.keys()]);
  return new Map([...all].map((connection) => [connection, report(own.get(connection), heardOf.get(connection))]));
}

/** Pure. `registration` absent: a person entered the address at the provider. */
export function report(registration: RegistrationRow | undefined, heard: Heard | undefined): JsonObject {
  const error = registration?.lastError ?? null;
  return {
    state: registration?.state ?? 'by_hand',
    what: registration === undefined ? byHand(heard) : inWords(registration),
    error_code: error?.code ?? null,
    who_can_fix: whoMends(error),
    fix: error?.fix ?? null,
    objects: [...(registration?.objects ?? [])],
    since: registration?.stateSince.toISOString() ?? null,
    proved_at: registration?.provedAt?.toISOString() ?? null,
    expires_at: registration?.expiresAt?.toISOString() ?? null,
    next_try: registration?.state === 'failed' ? registration.dueAt.toISOString() : null,
    last_delivery: heard?.heardAt?.toISOString() ?? null,
    refused: heard?.refused ?? 0,
    last_refused: heard?.refusedAt?.toISOString() ?? null,
  };
}

function inWords({ state, objects, lastError, reference }: RegistrationRow): string {
  const why = lastError?.message ?? 'The provider did not agree.';
  switch (state as RegistrationState) {
    case 'registered':
      return `Live by webhook: the provider tells of changes to ${objects.join(', ')}.`;
    case 'failed':
      return reference === null
        ? `Read on schedule only, no webhook: ${why}`
        : `Read on schedule, and by a webhook that may have ended: ${why}`;
    case 'removing':
      return 'Read on schedule; the webhook is being taken back.';
    case 'none':
    case 'wanted':
      return 'Read on schedule; the webhook is being registered.';
  }
}

function byHand(heard: Heard | undefined): string {
  return heard?.heardAt === null || heard === undefined
    ? 'Read on schedule; nothing was heard at the address that was made for a webhook.'
    : 'By webhook, which a person entered at the provider.';
}
