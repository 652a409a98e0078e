import type { MakeWebhook, TakeDelivery } from '../../api/index.ts';
import type { ConnectionDeps } from '../../connection/index.ts';
import { createReceiver, startInboxWorker, type InboxWorker } from '../../inbox/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { findConnection, hurryRegistration } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';
import { createWebhookAddresses } from './webhook-address.ts';

export interface WebhookDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly publicUrl: string;
  readonly emit: EventSink;
}

/** What providers call, for the api role. */
export function createTakeDelivery({ connection: deps, targets, publicUrl, emit }: WebhookDeps): TakeDelivery {
  const { db, clock } = deps;
  const { openSecret } = createWebhookAddresses(deps, publicUrl);
  const receive = createReceiver({
    db,
    clock,
    sourceOf: async ({ tenant, connection }) =>
      (await targets.ofConnection(tenant, connection))?.connector.events?.webhooks ?? null,
    openSecret,
    onEvent: emit,
  });
  return ({ address, path, headers, body }) =>
    receive(address, { headers, body, url: `${publicUrl}${path}`, method: 'POST', receivedAt: clock.now() });
}

/** Reads what webhooks named, for the worker role. */
export function emptyInboxes(
  { connection: deps, targets, emit }: Omit<WebhookDeps, 'publicUrl'>,
  { name, wakeSync }: { readonly name: string; readonly wakeSync: () => void },
): InboxWorker {
  const { db, clock, random } = deps;
  return startInboxWorker({
    db,
    clock,
    random,
    name,
    wakeSync,
    onEvent: emit,
    sessionOf: async ({ tenant, connection }) => (await targets.ofConnection(tenant, connection))?.session ?? null,
  });
}

/** The address of a connection, for an operator to enter at the provider. */
export function createMakeWebhook({
  connection: deps,
  publicUrl,
}: Pick<WebhookDeps, 'connection' | 'publicUrl'>): MakeWebhook {
  const { db } = deps;
  const addresses = createWebhookAddresses(deps, publicUrl);
  return async (_operator, request) => {
    const tenant = await requireTenant(db, request.tenant);
    const made = await db.tenantTx(
      tenant,
      async (tx) => {
        const row = await findConnection(tx, tenant, request.connection);
        if (row === null) return null;
        const key = { tenant, connection: row.id };
        const known = await addresses.of(tx, key);
        if (request.secret === null || known === null || known.secret === request.secret) return known;
        await addresses.keepSecret(tx, key, request.secret);
        // Where we registered it ourselves, the provider has to hear of the new one.
        await hurryRegistration(tx, key);
        return { ...known, secret: request.secret };
      },
      'inbox.make_address',
    );
    if (made !== null) return made;
    throw new GantryError('not_found', {
      message: `The tenant has no connection named "${request.connection}".`,
      where: 'connection',
      fix: 'GET /v1/connections lists them.',
    });
  };
}
