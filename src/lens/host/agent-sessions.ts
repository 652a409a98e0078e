import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { limits, systemClock, type StreamId } from '../../kernel/index.ts';
import type { Rows, SqlCall } from '../host-protocol.ts';
import { HostError } from './failure.ts';
import { withTimeout } from './read-rows.ts';
import { runAgentStatement } from './run-agent-statement.ts';
import { selectText } from './select.ts';
import type { Built, RelationHome } from './session-relations.ts';

/**
 * The relations of agents, by caller. Each caller has an in-memory database,
 * attached for it, that holds its relations under the names it writes
 * (`crm.Opportunity` is schema and table, `deal` lies in `main`); its
 * connection looks names up there. Temporary objects cannot do this: DuckDB
 * gives them one schema only.
 */
export interface AgentSessions {
  /** Runs the statement from its original text over the caller's relations. `until`: on the monotonic clock. */
  run(call: SqlCall, data: DataVersion, until: number): Promise<Rows>;
  /** The file's tables were replaced: nothing that was built from them is current. */
  reset(): void;
  close(): void;
}

/** Where the tenant's data stands. */
export interface DataVersion {
  readonly seq: number;
  readonly changedAt: ReadonlyMap<StreamId, number>;
  /** As in Instance. */
  readonly dataVersion: number;
  readonly committing: boolean;
}

interface Session {
  /** DuckDB's name for the file's catalog. */
  readonly catalog: string;
  readonly database: string;
  readonly connection: DuckDBConnection;
  readonly relations: Map<string, Built>;
}

interface Slot {
  /** Null until the first statement, and after a failed preparation. */
  session: Session | null;
  /** Statements of one caller run one after the other: they share the connection. */
  last: Promise<unknown>;
  waiting: number;
}

export function createAgentSessions(duck: DuckDBInstance): AgentSessions {
  // In order of use, the least recently used first.
  const slots = new Map<string, Slot>();
  let counter = 0;
  let epoch = 0;

  async function open(): Promise<Session> {
    counter += 1;
    const database = `_session_${counter}`;
    const connection = await duck.connect();
    const catalog = await selectText(connection, 'select current_database()');
    await connection.run(`attach ':memory:' as ${database}`);
    await connection.run(`use ${database}`);
    return { catalog, database, connection, relations: new Map() };
  }

  function discard(slot: Slot): void {
    const session = slot.session;
    slot.session = null;
    if (session === null) return;
    session.connection.closeSync();
    void detach(duck, session.database);
  }

  function slotOf(key: string): Slot {
    const slot = slots.get(key) ?? { session: null, last: Promise.resolve(), waiting: 0 };
    slots.delete(key);
    slots.set(key, slot);
    for (const [other, candidate] of slots) {
      if (slots.size <= limits.lensSessionsMax) break;
      if (candidate.waiting > 0 || candidate === slot) continue;
      slots.delete(other);
      discard(candidate);
    }
    return slot;
  }

  async function turn(slot: Slot, call: SqlCall, data: DataVersion, until: number): Promise<Rows> {
    const left = until - systemClock.monotonicMs();
    if (left <= 0) throw new HostError({ kind: 'timeout' });
    const session = (slot.session ??= await open());
    const home: RelationHome = {
      ...session,
      get epoch() {
        return epoch;
      },
    };
    return withTimeout(session.connection, left, () => runAgentStatement(home, call, data, () => discard(slot)));
  }

  return {
    run(call, data, until) {
      const slot = slotOf(call.session);
      slot.waiting += 1;
      const result = slot.last.then(() => turn(slot, call, data, until));
      slot.last = result.catch(() => undefined).finally(() => (slot.waiting -= 1));
      return result;
    },
    reset() {
      epoch += 1;
    },
    close() {
      for (const slot of slots.values()) slot.session?.connection.closeSync();
      slots.clear();
    },
  };
}

async function detach(duck: DuckDBInstance, database: string): Promise<void> {
  const connection = await duck.connect();
  // Fails only when the instance is closing, which ends the database anyway.
  await connection.run(`detach ${database}`).catch(() => undefined);
  connection.closeSync();
}
