import type { AuditEntry } from '../audit/index.ts';
import type { RecordImage, Settled, WriteOutcome } from '../connectors/index.ts';
import { limits, toGantryError, type JsonObject } from '../kernel/index.ts';
import {
  abandonedSendings,
  askSending,
  dueSendings,
  endSending,
  loseSending,
  moveWrites,
  type Tx,
  type UnsettledWrite,
  type WriteMove,
  type WriteSending,
} from '../store/index.ts';
import type { WriteWatch } from '../switches/index.ts';
import { isConditional, type Batch } from './batch.ts';
import type { WriteTarget } from './deps.ts';
import { agentOf, gantry, writeEntry } from './entries.ts';
import { followPlans } from './move-plan.ts';
import { moveOf, outcomeJson, pauseMs, settledEvent, type OutcomeEvent } from './outcome-move.ts';
import { asRecords, writesFor } from './new-fields/writes-for.ts';
import { asJson, writeOf } from './plan-row.ts';
import { readBack } from './read-back.ts';
import { itemOf, lockPlansOf, requestOf } from './sending.ts';
import { holdTurn, turnLost, type Turn } from './turn.ts';
import { watchEnds } from './watched.ts';
import { writeStatesBefore } from './write-state.ts';

/** Ways to sessions, by the user whose sign-in it is; null: the connection's own. */
export type TargetOf = (principal: string | null) => Promise<WriteTarget | null>;

/**
 * What an earlier holder of the turn did not see to its end: from now on
 * nobody knows what became of it. A job is gone on with at once, everything
 * else is asked for when a late effect has had its time.
 */
export async function recover(turn: Turn, targetOf: TargetOf): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const left = await deps.db.tenantRead(tenant, (tx) => abandonedSendings(tx, turn.turn));
  for (const sending of left) {
    const waitMs = sending.job === null ? await settleMsOf(sending, targetOf) : 0;
    await deps.db.tenantTx(
      tenant,
      async (tx) => {
        await holdTurn(tx, turn);
        const at = new Date(tx.now.getTime() + waitMs);
        await loseSending(tx, turn.turn, {
          id: sending.id,
          state: 'outcome_unknown',
          from: writeStatesBefore('lost'),
          at,
        });
      },
      'write.recover',
    );
  }
}

async function settleMsOf({ principal, object, operation }: WriteSending, targetOf: TargetOf): Promise<number> {
  const target = await targetOf(principal).catch(() => null);
  const native = await target?.objectOf(object).catch(() => null);
  const planned = operation as Batch['operation'];
  const writes = target === null ? null : writesFor(target, planned);
  if (writes === null || native === null || native === undefined) return limits.writeSettleEveryMs;
  const answer = writes.wayOf(native, asRecords(planned));
  return answer.kind === 'way' ? answer.way.settleMs : limits.writeSettleEveryMs;
}

/** Finds out what became of sendings whose answer was lost. Returns how many it looked at. */
export async function settleDue(turn: Turn, targetOf: TargetOf): Promise<number> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const due = await deps.db.tenantRead(tenant, (tx) => dueSendings(tx, turn.turn, SENDINGS_PER_LOOK));
  for (const sending of due) {
    if (turn.signal.aborted) break;
    await settleOne(turn, sending, targetOf);
  }
  return due.length;
}

const SENDINGS_PER_LOOK = 20;

async function settleOne(turn: Turn, sending: WriteSending, targetOf: TargetOf): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const writes = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      await holdTurn(tx, turn);
      const asked = await askSending(tx, turn.turn, {
        id: sending.id,
        state: 'reconciling',
        from: writeStatesBefore('asked'),
      });
      if (asked.length === 0) await endSending(tx, tenant, sending.id);
      return asked;
    },
    'write.ask',
  );
  if (writes.length === 0) return;
  let answers: readonly (Settled | WriteOutcome)[] = [];
  try {
    answers = await answersOf(turn, sending, { writes, target: await targetOf(sending.principal) });
  } catch (cause) {
    if (cause === turnLost) throw cause;
    const { code } = toGantryError(cause);
    deps.onEvent({
      kind: 'writes_held',
      tenant,
      connection: turn.turn.connection,
      records: writes.length,
      code,
      cause,
    });
  }
  await keepAnswers(turn, sending, { writes, answers });
}

interface Asking {
  readonly writes: readonly UnsettledWrite[];
  readonly target: WriteTarget | null;
}

/** In the order of `writes`; none where there is no way to ask. */
async function answersOf(
  turn: Turn,
  sending: WriteSending,
  { writes, target }: Asking,
): Promise<readonly (Settled | WriteOutcome)[]> {
  const object = await target?.objectOf(sending.object);
  const operation = sending.operation as Batch['operation'];
  const session = target === null ? null : writesFor(target, operation);
  if (target === null || session === null || object === null || object === undefined) return [];
  const answer = session.wayOf(object, asRecords(operation));
  const form = answer.kind === 'way' ? answer.way.forms.find(({ name }) => name === sending.form) : undefined;
  if (answer.kind === 'no_way' || form === undefined) return [];
  const batch: Batch = {
    target: { ...target, writes: session },
    object,
    operation,
    way: answer.way,
    form,
    writes: [],
  };
  const asked = writes.map(({ content, before }) => ({ write: writeOf(content), image: imageOf(before) }));
  if (sending.job !== null) {
    return session.send(
      requestOf(turn, { id: sending.id, batch, writes: asked }, { beforeSend: sendsNothing, job: sending.job }),
    );
  }
  const before = new Map(asked.flatMap(({ write, image }) => (image === null ? [] : [[write.key, image]])));
  const conditional = isConditional(batch);
  const items = asked.map(({ write, image }) => itemOf(write, conditional ? image : null));
  const { signal } = turn;
  return session.settle({ object, operation: asRecords(operation), form: form.name, items, job: null, signal }, before);
}

/**
 * Going on with a job asks what it did. What it never began is queued again: the plan may have been withdrawn since, an
 * approval may have fallen, a record may be another, a switch may be thrown, and all of that is asked on the way there.
 */
const sendsNothing = (): Promise<never> => Promise.reject(new Error('going on with a job sends nothing'));

const imageOf = (before: JsonObject | null): RecordImage | null => before as unknown as RecordImage | null;

async function keepAnswers(
  turn: Turn,
  sending: WriteSending,
  {
    writes,
    answers,
  }: { readonly writes: readonly UnsettledWrite[]; readonly answers: readonly (Settled | WriteOutcome)[] },
): Promise<void> {
  const { deps } = turn;
  const { tenant, connection } = turn.turn;
  const watch = (await deps.watch?.()) ?? null;
  const events = await deps.db.tenantTx(
    tenant,
    (tx) => keep(tx, turn, sending, { writes, answers, watch }),
    'write.keep_settled',
  );
  const records = events.filter(({ event }) => event === 'given_up').length;
  if (records > 0) deps.onEvent({ kind: 'writes_need_human', tenant, connection, records });
}

async function keep(
  tx: Tx,
  turn: Turn,
  sending: WriteSending,
  {
    writes,
    answers,
    watch,
  }: {
    readonly writes: readonly UnsettledWrite[];
    readonly answers: readonly (Settled | WriteOutcome)[];
    readonly watch: WriteWatch | null;
  },
): Promise<readonly OutcomeEvent[]> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const plans = await lockPlansOf(
    tx,
    turn,
    writes.map((queued) => ({ queued })),
  );
  await holdTurn(tx, turn);
  const age = tx.now.getTime() - sending.beganAt.getTime();
  const events = writes.map((write, index) => answerEvent(turn, write, { answer: answers[index], age, now: tx.now }));
  const moves: WriteMove[] = [];
  const entries: AuditEntry[] = [];
  for (const [index, each] of writes.entries()) {
    const event = events[index];
    const answer = answers[index];
    if (event === undefined) continue;
    const outcome = answer === undefined ? null : outcomeJson(answer);
    moves.push(moveOf(each, 'reconciling', event, { now: tx.now, outcome }));
    if (event.event === 'unclear') continue;
    const row = plans.get(each.plan);
    const planned = writeOf(each.content);
    const told = { ...planned, plan: each.plan };
    const detail = { attempt: each.attempt, outcome, code: event.code, changes: planned.changes.map(asJson) };
    const actor = row === undefined ? gantry : agentOf(row);
    const recordId = event.recordId ?? each.recordId;
    entries.push(
      writeEntry(event.event === 'given_up' ? 'write_unknown' : 'write_settled', told, { actor, recordId, detail }),
    );
  }
  const settleAt = events.some(({ event }) => event === 'unclear')
    ? new Date(tx.now.getTime() + Math.min(limits.writeSettleEveryMs, settleMaxMsOf(turn) / 4))
    : null;
  await moveWrites(tx, tenant, { sending: sending.id, from: ['reconciling'], moves, settleAt });
  if (events.some(({ event }) => event === 'found')) await readBack(tx, turn.turn, sending.object);
  await followPlans(tx, tenant, [...plans.values()], entries);
  const ends = events.map((event, index) => ({ row: plans.get(writes[index]?.plan ?? ''), event }));
  entries.push(...(await watchEnds(tx, turn, watch, ends)));
  await deps.audit(tx, tenant, entries);
  return events;
}

const settleMaxMsOf = ({ deps }: Turn): number => deps.settleMaxMs ?? limits.writeSettleMaxMs;

/** Where reading may still prove something, it goes on for longer than where it never will. */
function answerEvent(
  turn: Turn,
  write: UnsettledWrite,
  {
    answer,
    age,
    now,
  }: { readonly answer: Settled | WriteOutcome | undefined; readonly age: number; readonly now: Date },
): OutcomeEvent {
  const { dedupe } = writeOf(write.content);
  const over = age >= (answer === undefined && dedupe !== 'none' ? limits.writeProveMaxMs : settleMaxMsOf(turn));
  const late = write.deadlineAt <= now;
  switch (answer?.kind) {
    case 'applied':
    case 'not_applied':
    case 'unclear':
      return settledEvent(
        answer.kind === 'applied' ? { kind: 'applied', recordId: answer.recordId, created: answer.created } : answer,
        { late, over },
      );
    case 'refused':
      return { event: 'refused', code: answer.refusal.code, recordId: null, afterMs: null };
    case 'changed':
      return { event: 'refused', code: 'record_changed', recordId: null, afterMs: null };
    case 'try_again':
      if (late || write.attempt >= limits.writeAttemptsMax) {
        return { event: 'exhausted', code: answer.refusal.code, recordId: null, afterMs: null };
      }
      return {
        event: 'absent',
        code: answer.refusal.code,
        recordId: null,
        afterMs: pauseMs(write.attempt, answer.afterMs, turn.deps.random),
      };
    case 'unknown':
    case undefined:
      return settledEvent({ kind: 'unclear', why: 'no answer' }, { late, over });
  }
}
