import type { ConnectionId, JsonObject, StreamId, TenantId } from '../../kernel/index.ts';
import { countDeadEvents, type DeadCount } from '../../inbox/index.ts';
import {
  connectionChores,
  countDeadLetters,
  countQuarantine,
  listCircuits,
  listConnections,
  listStreams,
  readLine,
  readSweep,
  type Chore,
  type CircuitRow,
  type ConnectionRow,
  type Db,
  type HeldSweep,
  type LineRow,
  type StreamRow,
} from '../../store/index.ts';
import { signInsEnding, type SignInEnd } from '../connections/ending-sign-ins.ts';
import { webhookReports } from '../webhooks/webhook-status.ts';

/** A tenant as the store knows it and as commands name it. */
export interface TenantName {
  readonly id: TenantId;
  readonly slug: string;
}

/** What the database knows of a tenant's connections beside their records. */
export interface SyncFacts {
  readonly now: Date;
  readonly connections: readonly ConnectionRow[];
  /** Enabled ones. */
  readonly streams: readonly StreamRow[];
  readonly held: ReadonlyMap<StreamId, HeldSweep>;
  readonly deadLetters: ReadonlyMap<StreamId, number>;
  readonly setAside: ReadonlyMap<StreamId, number>;
  readonly deadEvents: ReadonlyMap<ConnectionId, DeadCount>;
  readonly lines: ReadonlyMap<ConnectionId, LineRow>;
  readonly webhooks: ReadonlyMap<ConnectionId, JsonObject>;
  readonly circuits: ReadonlyMap<ConnectionId, CircuitRow>;
  readonly chores: readonly Chore[];
  readonly signInsEnding: readonly SignInEnd[];
}

export async function syncFacts(db: Db, tenant: TenantId): Promise<SyncFacts> {
  const chores = await connectionChores(db, tenant);
  const deadEvents = new Map((await countDeadEvents(db, tenant)).map((count) => [count.connection, count]));
  const webhooks = await webhookReports(db, tenant);
  const facts = await db.tenantRead(tenant, async (tx) => {
    const streams = (await listStreams(tx, tenant)).filter(({ enabled }) => enabled);
    const held = new Map<StreamId, HeldSweep>();
    for (const { id, lastError } of streams) {
      if (lastError?.code !== 'sync_deletions_held') continue;
      const sweep = await readSweep(tx, { tenant, stream: id });
      if (sweep?.held !== undefined && sweep.held !== null) held.set(id, sweep.held);
    }
    return {
      now: tx.now,
      connections: await listConnections(tx, tenant),
      streams,
      held,
      deadLetters: new Map((await countDeadLetters(tx, tenant, 'dead')).map(({ stream, count }) => [stream, count])),
      setAside: await countQuarantine(tx, tenant),
      circuits: new Map((await listCircuits(tx, tenant)).map((row) => [row.connection, row])),
      signInsEnding: await signInsEnding(tx, tenant),
    };
  });
  const lines = new Map<ConnectionId, LineRow>();
  for (const { id } of facts.connections) {
    const line = await readLine(db, { tenant, connection: id });
    if (line !== null) lines.set(id, line);
  }
  return { ...facts, chores, deadEvents, webhooks, lines };
}
