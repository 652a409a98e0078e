import type { MakeWebhook, TakeDelivery } from '../api/index.ts';
import type { ConnectionDeps } from '../connection/index.ts';
import { createReceiver, startInboxWorker, type InboxWorker } from '../inbox/index.ts';
import { GantryError, limits, type ConnectionId, type TenantId } from '../kernel/index.ts';
import { addWebhook, findConnection, readWebhook, removeWebhook, rotateWebhookSecret } from '../store/index.ts';
import { requireTenant } from './connection-use-cases.ts';
import type { EventSink } from './events.ts';
import type { Targets } from './targets.ts';

export interface WebhookDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly publicUrl: string;
  readonly emit: EventSink;
}

const PURPOSE = 'webhook_secret';

/** What providers call, for the api role. */
export function createTakeDelivery({ connection: deps, targets, publicUrl, emit }: WebhookDeps): TakeDelivery {
  const { db, clock, vault } = deps;
  const receive = createReceiver({
    db,
    clock,
    sourceOf: async ({ tenant, connection }) =>
      (await targets.ofConnection(tenant, connection))?.connector.events?.webhooks ?? null,
    openSecret: (tx, { tenant, connection }, sealed) =>
      vault.open(tx, tenant, { connection, purpose: PURPOSE }, sealed),
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

/**
 * The address of a connection, made where there is none: random, so that it
 * cannot be guessed. A secret that replaces another leaves that one good for a while.
 */
export function createMakeWebhook({
  connection: deps,
  publicUrl,
}: Pick<WebhookDeps, 'connection' | 'publicUrl'>): MakeWebhook {
  const { db, vault, random } = deps;
  const word = (): string => Buffer.from(random.bytes(32)).toString('base64url');
  return async (_operator, request) => {
    const tenant = await requireTenant(db, request.tenant);
    const made = await db.tenantTx(
      tenant,
      async (tx) => {
        const row = await findConnection(tx, tenant, request.connection);
        if (row === null) return null;
        const [key, context] = [
          { tenant, connection: row.id },
          { connection: row.id, purpose: PURPOSE },
        ];
        const secret = await vault.seal(tx, tenant, context, request.secret ?? word());
        const isNew = await addWebhook(tx, key, { address: word(), secret });
        if (!isNew && request.secret !== null) {
          const previousUntil = new Date(tx.now.getTime() + limits.webhookSecretOverlapMs);
          await rotateWebhookSecret(tx, key, { secret, previousUntil });
        }
        const webhook = await readWebhook(tx, key);
        if (webhook === null) return null;
        return { address: webhook.address, secret: await vault.open(tx, tenant, context, webhook.secret) };
      },
      'inbox.make_address',
    );
    if (made !== null) return { url: `${publicUrl}/hooks/${made.address}`, secret: made.secret };
    throw new GantryError('not_found', {
      message: `The tenant has no connection named "${request.connection}".`,
      where: 'connection',
      fix: 'GET /v1/connections lists them.',
    });
  };
}

/** The address stands for nothing any more. */
export async function forgetWebhook(
  { db }: Pick<ConnectionDeps, 'db'>,
  tenant: TenantId,
  connection: ConnectionId,
): Promise<void> {
  await db.tenantTx(tenant, (tx) => removeWebhook(tx, { tenant, connection }), 'inbox.forget_address');
}
