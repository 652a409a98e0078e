import type { AuditEntry } from '../audit/index.ts';
import { abortTogether, concurrently, GantryError, limits } from '../kernel/index.ts';
import {
  expireWrites,
  holdWriteTurn,
  lockWritePlans,
  nextWrites,
  overdueWrites,
  readConnection,
  readWriteContents,
  removeWriteTurn,
  settleWriteTurn,
  soonestWrite,
  writeChores,
  type QueuedWrite,
  type Tx,
  type WriteChores,
  type WriteTurn,
} from '../store/index.ts';
import { batchesOf, type Batch } from './batch.ts';
import type { WriteDeps, WriteTarget } from './deps.ts';
import { gantry, writeEntry } from './entries.ts';
import { endGone, isGone } from './end-gone.ts';
import { grouped } from './grouped.ts';
import { holdBack, keepConflicts } from './keep-outcomes.ts';
import { followPlans } from './move-plan.ts';
import { objectFor } from './new-fields/object-for.ts';
import { asRecords, writesFor } from './new-fields/writes-for.ts';
import { asJson, writeOf } from './plan-row.ts';
import { sendBatch } from './send-batch.ts';
import { keyOf } from './sending.ts';
import { recover, settleDue, type TargetOf } from './settle.ts';
import { takeBackDue } from './take-back/plan-take-back.ts';
import { holdTurn, leaseMsOf, requireWorking, turnLost, type Turn } from './turn.ts';
import type { PlannedOperation } from './types.ts';

/**
 * One connection, as long as it has something to do, but not for longer than a
 * number of rounds: others wait. The turn is proven in every transaction that
 * keeps something, so that a worker that lost it changes nothing.
 */
export async function runTurn(deps: WriteDeps, worker: string, turn: WriteTurn, signal: AbortSignal): Promise<void> {
  const { row, look: first } = await deps.db.tenantRead(turn.tenant, async (tx) => {
    const found = await readConnection(tx, turn.tenant, turn.connection);
    return { row: found, look: await lookNow(tx, turn) };
  });
  const lost = new AbortController();
  const leave = abortTogether(lost, [signal]);
  const beat = startBeat(deps, worker, turn, lost);
  let restMs: number = limits.writeUnreachableMs;
  let dueAt: Date | null = null;
  try {
    if (row === null || isGone(row)) {
      await endGone({ deps, turn, worker, signal: lost.signal });
      restMs = 0;
      return;
    }
    const ours = { deps, turn, worker, connection: row, signal: lost.signal };
    const targetOf = targetsOf(ours);
    let look = first;
    for (let round = 0; round < ROUNDS_MAX && !lost.signal.aborted; round += 1) {
      if (await doChores(ours, targetOf, look.chores)) look = await lookAgain(ours);
      dueAt = look.dueAt;
      if (look.queued.length === 0 && !look.chores.unsettled) break;
      await sendNext(ours, look.queued, targetOf);
      look = await lookAgain(ours);
    }
    restMs = 0;
  } catch (cause) {
    if (cause !== turnLost) throw cause;
  } finally {
    await beat();
    leave();
    if (row === null && restMs === 0) await deps.db.tx((tx) => removeWriteTurn(tx, turn), 'write.remove_turn');
    else await giveBack(deps, { worker, turn, restMs, dueAt });
  }
}

const ROUNDS_MAX = 50;

/** What there is to do, as one transaction has it. */
interface Look {
  readonly chores: WriteChores;
  /** May be sent now. */
  readonly queued: readonly QueuedWrite[];
  /** Where nothing is to be done now: when to look again, unless something is accepted before. */
  readonly dueAt: Date | null;
}

async function lookNow(tx: Tx, turn: WriteTurn): Promise<Look> {
  const chores = await writeChores(tx, turn);
  const queued = await nextWrites(tx, turn, limits.writesPerLookMax);
  const { abandoned, unsettled, overdue, takeBack } = chores;
  const isIdle = queued.length === 0 && !abandoned && !unsettled && !overdue && !takeBack;
  return { chores, queued, dueAt: isIdle ? await dueNext(tx, turn) : null };
}

const lookAgain = ({ deps, turn }: Turn): Promise<Look> => deps.db.tenantRead(turn.tenant, (tx) => lookNow(tx, turn));

async function dueNext(tx: Tx, turn: WriteTurn): Promise<Date> {
  const latest = tx.now.getTime() + limits.writeLookMs;
  return new Date(Math.min((await soonestWrite(tx, turn))?.getTime() ?? latest, latest));
}

/** What comes before sending. True: writes may be in other states than they were. */
async function doChores(turn: Turn, targetOf: TargetOf, chores: WriteChores): Promise<boolean> {
  if (chores.abandoned) await recover(turn, targetOf);
  if (chores.overdue) await endOverdue(turn);
  // What was abandoned may have to be asked for at once.
  if (chores.unsettled || chores.abandoned) await settleDue(turn, targetOf);
  if (chores.takeBack) await takeBackDue(turn);
  return chores.abandoned || chores.overdue || chores.unsettled || chores.takeBack;
}

/** A slow provider does not cost us the turn; who lost it stops at once. */
function startBeat(deps: WriteDeps, worker: string, turn: WriteTurn, lost: AbortController): () => Promise<void> {
  const stopped = new AbortController();
  const leaseMs = leaseMsOf(deps);
  const beat = async (): Promise<void> => {
    for (;;) {
      await deps.clock.sleep(leaseMs / 3, stopped.signal);
      const held = await deps.db
        .tenantTx(turn.tenant, (tx) => holdWriteTurn(tx, turn, { worker, leaseMs }), 'write.heartbeat')
        .catch(() => true);
      if (!held) lost.abort(turnLost);
    }
  };
  const beating = beat().catch(() => undefined);
  return async () => {
    stopped.abort(new Error('the turn ended'));
    await beating;
  };
}

/** Each user's way is asked for once in a turn. */
function targetsOf({ deps, turn }: Pick<Turn, 'deps' | 'turn'>): TargetOf {
  const known = new Map<string | null, Promise<WriteTarget | null>>();
  return (principal) => {
    const found = known.get(principal) ?? deps.targetOf(turn.tenant, turn.connection, principal);
    known.set(principal, found);
    return found;
  };
}

/** Writes whose deadline has passed are over, and never sent later. */
async function endOverdue(turn: Turn): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const late = await deps.db.tenantRead(tenant, (tx) => overdueWrites(tx, turn.turn, limits.writesPerLookMax));
  if (late.length === 0) return;
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const plans = await lockWritePlans(tx, tenant, late);
      await holdTurn(tx, turn);
      const ended = await expireWrites(tx, turn.turn, { plans: late, state: 'expired', code: 'deadline_passed' });
      const keys = new Set(ended.map(keyOf));
      const entries: AuditEntry[] = [];
      for (const { id: plan } of plans) {
        for (const { item, content } of await readWriteContents(tx, tenant, plan)) {
          if (!keys.has(keyOf({ plan, item }))) continue;
          const write = writeOf(content);
          const detail = { code: 'deadline_passed', changes: write.changes.map(asJson) };
          entries.push(writeEntry('write_ended', { ...write, plan }, { actor: gantry, recordId: null, detail }));
        }
      }
      await followPlans(tx, tenant, plans, entries);
      await deps.audit(tx, tenant, entries);
    },
    'write.expire',
  );
}

/** Sends what may be sent now. */
async function sendNext(turn: Turn, queued: readonly QueuedWrite[], targetOf: TargetOf): Promise<void> {
  if (queued.length === 0) return;
  const batches = await batchesFor(turn, queued, targetOf);
  // None is left behind under way: the turn is given back after this.
  const failed: unknown[] = [];
  await concurrently(batches, limits.writeSendingsAtOnce, async (batch) => {
    if (turn.signal.aborted || failed.length > 0) return;
    await sendBatch(turn, batch).catch((cause: unknown) => failed.push(cause));
  });
  if (failed.length > 0) throw failed[0];
}

async function batchesFor(turn: Turn, queued: readonly QueuedWrite[], targetOf: TargetOf): Promise<Batch[]> {
  const batches: Batch[] = [];
  const bySignIn = new Map<string, { readonly target: WriteTarget; readonly writes: QueuedWrite[] }>();
  for (const [, own] of grouped(queued, ({ principal }) => JSON.stringify(principal))) {
    const [first] = own;
    const target = first === undefined ? null : await reach(turn, own, () => targetOf(first.principal));
    if (target === null) continue;
    // Users without a sign-in of their own share the connection's.
    const known = bySignIn.get(JSON.stringify(target.principal));
    if (known === undefined) bySignIn.set(JSON.stringify(target.principal), { target, writes: [...own] });
    else known.writes.push(...own);
  }
  for (const { target, writes } of bySignIn.values()) {
    for (const [, own] of grouped(writes, ({ object, operation }) => `${operation} ${object}`)) {
      batches.push(...(await batchesOfGroup(turn, target, own)));
    }
  }
  return batches;
}

async function batchesOfGroup(turn: Turn, target: WriteTarget, writes: readonly QueuedWrite[]): Promise<Batch[]> {
  const [first] = writes;
  if (first === undefined) return [];
  const operation = first.operation as PlannedOperation;
  const object = await reach(turn, writes, () => objectFor(target, first.object, writes));
  if (object === null) return [];
  const session = writesFor(target, operation);
  const answer = session?.wayOf(object, asRecords(operation)) ?? { kind: 'no_way', why: 'The connector only reads.' };
  if (answer.kind === 'no_way' || session === null) {
    const why = answer.kind === 'no_way' ? answer.why : null;
    const conflicts = writes.map((queued) => ({
      queued,
      write: writeOf(queued.content),
      code: 'not_writable',
      why,
      image: null,
    }));
    await keepConflicts(turn, conflicts);
    return [];
  }
  return batchesOf({ target: { ...target, writes: session }, object, operation, way: answer.way, writes });
}

/** Null: there is no way there now; the writes wait. */
async function reach<Found>(
  turn: Turn,
  writes: readonly QueuedWrite[],
  look: () => Promise<Found | null>,
): Promise<Found | null> {
  try {
    const found = await look();
    if (found !== null) return found;
    await turn.deps.db.tenantRead(turn.turn.tenant, (tx) => requireWorking(tx, turn));
    throw new GantryError('upstream_object_missing', { message: 'There is no way to write there now.' });
  } catch (cause) {
    if (!(cause instanceof GantryError)) throw cause;
    await holdBack(turn, writes, cause);
    return null;
  }
}

/** `restMs`: it is left alone for so long, because something went wrong that would go wrong again. */
async function giveBack(
  deps: WriteDeps,
  {
    worker,
    turn,
    restMs,
    dueAt: known,
  }: { readonly worker: string; readonly turn: WriteTurn; readonly restMs: number; readonly dueAt: Date | null },
): Promise<void> {
  const dueAt =
    (restMs === 0 ? known : null) ??
    (await deps.db.tenantRead(turn.tenant, async (tx) => {
      const next = await dueNext(tx, turn);
      return new Date(Math.max(next.getTime(), tx.now.getTime() + restMs));
    }));
  await deps.db.tx((tx) => settleWriteTurn(tx, turn, { worker, dueAt }), 'write.settle_turn');
}
