import { limits } from '../../kernel/index.ts';
import type { SessionPermissions } from '../../connectors/index.ts';
import type { Integration } from '../../manifest/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  currentSchemas,
  holdAccessTurn,
  listAccessStreams,
  lockAccess,
  readAccess,
  type AccessConnectionRow,
  type AccessKey,
  type AccessStreamRow,
  type AccessTurn,
  type Tx,
} from '../../store/index.ts';
import type { AccessDeps } from './deps.ts';
import type { AccessIntervals } from './intervals.ts';

/** What the steps of one turn share. A turn is one process's for as long as it holds the lease. */
export interface TurnContext extends TurnHolder {
  readonly turn: AccessTurn;
  /** What the project wants from the connection. */
  readonly integration: Integration;
  /** Null: the connection's session tells nothing of who sees what, or nobody is signed in. */
  readonly permissions: SessionPermissions | null;
  readonly intervals: AccessIntervals;
  /** The turn's beginning, by the database: what is read from then on is fresh enough for whoever asked before. */
  readonly startedAt: Date;
}

export interface TurnHolder {
  readonly deps: AccessDeps;
  readonly worker: string;
  readonly key: AccessKey;
  readonly signal: AbortSignal;
}

/** The turn ends here: another process has it, or this one is to stop. What was kept stays. */
export class TurnOver extends Error {
  constructor() {
    super('the turn of a connection is over');
  }
}

/** One transaction of the turn, with the connection's lock: taken first, as whoever keeps records takes it before asking for a turn. */
export function keepInTurn<Result>(
  { deps, worker, key, signal }: TurnHolder,
  place: string,
  work: (tx: Tx, access: AccessConnectionRow) => Promise<Result>,
): Promise<Result> {
  if (signal.aborted) throw new TurnOver();
  return deps.db.tenantTx(
    key.tenant,
    async (tx) => {
      const access = await lockAccess(tx, key);
      if (access === null) throw new TurnOver();
      if (!(await holdAccessTurn(tx, key, { worker, leaseMs: limits.accessLeaseMs }))) throw new TurnOver();
      return work(tx, access);
    },
    place,
  );
}

/** An object of the connection whose rights are learned. */
export interface AccessObject extends AccessStreamRow {
  readonly schema: NativeObject;
}

export interface Known {
  /** The database's time. */
  readonly now: Date;
  readonly access: AccessConnectionRow;
  readonly objects: readonly AccessObject[];
}

/** What is known now; raises `TurnOver` where the connection is gone. */
export function readKnown({ deps, key }: TurnContext): Promise<Known> {
  return deps.db.tenantRead(key.tenant, async (tx) => {
    const access = await readAccess(tx, key);
    if (access === null) throw new TurnOver();
    const schemas = new Map((await currentSchemas(tx, key.tenant)).map(({ stream, object }) => [stream, object]));
    const objects = (await listAccessStreams(tx, key)).flatMap((row) => {
      const schema = schemas.get(row.stream);
      return schema === undefined ? [] : [{ ...row, schema }];
    });
    return { now: tx.now, access, objects };
  });
}

/** Whether something last done at `at` is to be done again; whoever waits does so for what is newer than the asking. */
export function isDue({ turn }: TurnContext, at: Date | null, now: Date, everyMs: number): boolean {
  if (at === null) return true;
  if (turn.askedAt !== null && at < turn.askedAt) return true;
  return now.getTime() - at.getTime() >= everyMs;
}

/** The database's time, before a provider is asked. */
export const timeNow = ({ deps, key }: TurnContext): Promise<Date> =>
  deps.db.tenantRead(key.tenant, (tx) => Promise.resolve(tx.now));
