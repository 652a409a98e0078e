import type { MakeWebhook, TakeDelivery } from '../../api/index.ts';
import type { ConnectionDeps, ConnectionState } from '../../connection/index.ts';
import { createReceiver, startInboxWorker, type InboxWorker } from '../../inbox/index.ts';
import type { Connector } from '../../connectors/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { findConnection, hurryRegistration, readConnection, type ConnectionRow } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';
import { liveWaysOf } from './live-ways.ts';
import { createWebhookAddresses } from './webhook-address.ts';

export interface WebhookDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly publicUrl: string;
  readonly emit: EventSink;
}

/**
 * A pause is not told to providers, some of which switch a webhook off that is
 * turned away: what they tell is kept meanwhile, and read when it is over.
 */
const TAKES: readonly ConnectionState[] = ['working', 'degraded', 'reauth_required', 'paused'];

/** What providers call, for the api role. */
export function createTakeDelivery({ connection: deps, targets, publicUrl, emit }: WebhookDeps): TakeDelivery {
  const { db, clock } = deps;
  const { openSecret } = createWebhookAddresses(deps, publicUrl);
  const receive = createReceiver({
    db,
    clock,
    sourceOf: async ({ tenant, connection }) => {
      const row = await db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection));
      if (row === null || !TAKES.includes(row.state as ConnectionState)) return null;
      const isWanted = await targets.integration(row.integration).then(
        () => true,
        () => false,
      );
      if (!isWanted) return null;
      return targets.connector(row.integration, row.provider).connector.events?.webhooks ?? null;
    },
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
export function createMakeWebhook({ connection: deps, targets, publicUrl }: Omit<WebhookDeps, 'emit'>): MakeWebhook {
  const { db } = deps;
  const addresses = createWebhookAddresses(deps, publicUrl);
  return async (_operator, request) => {
    const tenant = await requireTenant(db, request.tenant);
    const made = await db.tenantTx(
      tenant,
      async (tx) => {
        const row = await findConnection(tx, tenant, request.connection);
        if (row === null) return null;
        refuseWithoutWebhooks(targets.connector(row.integration, row.provider).connector, row);
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

/** An address that nobody would ever call looks like a fault of ours for as long as somebody waits for it. */
function refuseWithoutWebhooks(connector: Connector, { slug, integration }: ConnectionRow): void {
  const { webhook, stream } = liveWaysOf(connector);
  if (webhook !== undefined) return;
  throw new GantryError('webhook_unsupported', {
    message: `${connector.title} calls no webhooks.`,
    where: slug,
    fix:
      stream === undefined
        ? 'Nothing to do: the schedule reads what changes.'
        : `Write \`sync: { live: stream }\` at the objects in integrations/${integration}.yaml: Gantry then holds a line over which changes come.`,
  });
}
