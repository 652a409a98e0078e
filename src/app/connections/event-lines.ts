import type { ConnectionDeps } from '../../connection/index.ts';
import { startLineFollowers, type LineFollowers, type LineWish, type ToldBatch } from '../../inbox/index.ts';
import { GantryError, type ConnectionId, type Random, type TenantId } from '../../kernel/index.ts';
import type { Integration } from '../../manifest/index.ts';
import { keepEvents, readConnection, wantLine, type LineKey, type Tx } from '../../store/index.ts';
import type { SyncDeps } from '../../sync/index.ts';
import type { EventSink } from '../events.ts';
import { recordLineHealth } from './line-health.ts';
import type { ConnectedTarget, Targets } from '../sync/targets.ts';

export interface EventLinesDeps {
  readonly sync: SyncDeps;
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly random: Random;
  readonly emit: EventSink;
  /** Where lines of an integration are held, where it is not the provider's usual address. */
  readonly eventsUrls: ReadonlyMap<string, string>;
  /** Something became due. */
  readonly wakeSync: () => void;
}

/** Lines of events of connections whose project wants to be told: `sync: {live: stream}`. */
export function followEventLines(deps: EventLinesDeps, name: string): LineFollowers {
  const { sync, random, emit } = deps;
  return startLineFollowers({
    db: sync.db,
    clock: sync.clock,
    random,
    name,
    wishOf: (key) => wishOf(deps, key),
    keep: keepTold,
    onKept: deps.wakeSync,
    onTurn: (key) => {
      recordLineHealth(deps.connection, key).catch((cause: unknown) => emit({ kind: 'event_line_look_failed', cause }));
    },
    onEvent: emit,
  });
}

/** There shall be a line where the project wants one and the provider has one. */
export async function wantEventLine({ db }: SyncDeps, target: ConnectedTarget): Promise<void> {
  const { tenant, connection, integration, connector } = target;
  if (connector.events?.stream === undefined || liveObjects(integration).length === 0) return;
  await db.tenantTx(tenant, (tx) => wantLine(tx, { tenant, connection }), 'inbox.want_line');
}

async function wishOf(
  { sync, connection: stopping, targets, eventsUrls }: EventLinesDeps,
  key: LineKey,
): Promise<LineWish> {
  const { tenant, connection } = key;
  const target = await targets.ofConnection(tenant, connection);
  if (target === null) return (await exists(sync, tenant, connection)) ? { kind: 'not_now' } : { kind: 'never' };
  const stream = target.connector.events?.stream;
  const objects = liveObjects(target.integration);
  if (stream === undefined || objects.length === 0) return { kind: 'never' };
  const endpoint = eventsUrls.get(target.integration.name) ?? null;
  const { slug, access, key: version } = target;
  // Stopped: a line that is open ends, and is opened again when it may.
  const isStopped = await stopping.mayCall?.(tenant, { connection: slug }).then(
    () => false,
    (error: unknown) => {
      if (error instanceof GantryError && error.code === 'calls_stopped') return true;
      throw error;
    },
  );
  if (isStopped === true) return { kind: 'not_now' };
  return { kind: 'follow', target: { slug, stream, access, objects, endpoint, version } };
}

function exists({ db }: SyncDeps, tenant: TenantId, connection: ConnectionId): Promise<boolean> {
  return db.tenantRead(tenant, async (tx) => (await readConnection(tx, tenant, connection)) !== null);
}

const liveObjects = ({ objects }: Integration): readonly string[] => [
  ...new Set([...objects.values()].filter(({ sync }) => sync.live === 'stream').map(({ from }) => from)),
];

/** Into the inbox: records that were named are read by id, objects without names by their streams. */
async function keepTold(tx: Tx, told: ToldBatch): Promise<void> {
  await keepEvents(tx, told);
}
