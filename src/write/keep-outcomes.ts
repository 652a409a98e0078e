import type { AuditEntry, AuditKind } from '../audit/index.ts';
import type { RecordImage, WriteOutcome } from '../connectors/index.ts';
import { GantryError, limits, type JsonObject } from '../kernel/index.ts';
import { moveWrites, type QueuedWrite, type Tx, type WriteMove, type WritePlanRow } from '../store/index.ts';
import type { WriteWatch } from '../switches/index.ts';
import { agentOf, gantry, writeEntry } from './entries.ts';
import { followPlans, followSent } from './move-plan.ts';
import { eventOf, moveOf, outcomeJson, pauseMs, type OutcomeEvent } from './outcome-move.ts';
import { asJson } from './plan-row.ts';
import { readBack } from './read-back.ts';
import { keyOf, lockPlansOf, type Sending, type Taken } from './sending.ts';
import { holdTurn, type Turn } from './turn.ts';
import type { PlannedWrite } from './types.ts';
import { watchEnds } from './watched.ts';
import type { WriteEvent } from './write-state.ts';

/** What a sending came to. */
export type SendResult =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly WriteOutcome[]; readonly jobKept: boolean }
  /** Surely nothing left. */
  | { readonly kind: 'not_sent'; readonly error: GantryError }
  /** It broke off in a way that no contract names. */
  | { readonly kind: 'all_unknown'; readonly cause: unknown; readonly jobKept: boolean };

/** What became of a sending: writes, journal, plans and audit, in one transaction with the proof that the turn is still ours. */
export async function keepOutcomes(turn: Turn, sending: Sending, result: SendResult): Promise<void> {
  const { deps } = turn;
  const { tenant, connection } = turn.turn;
  const watch = (await deps.watch?.()) ?? null;
  const events = await again(() =>
    deps.db.tenantTx(tenant, (tx) => keep(tx, turn, sending, { result, watch }), 'write.keep_outcome'),
  );
  const unknown = events.filter(({ event }) => event === 'lost').length;
  if (result.kind === 'not_sent') {
    const { code } = result.error;
    deps.onEvent({ kind: 'writes_held', tenant, connection, records: events.length, code, cause: result.error });
    return;
  }
  deps.onEvent({
    kind: 'writes_sent',
    tenant,
    connection,
    object: sending.batch.object.name,
    operation: sending.batch.operation,
    form: sending.batch.form.name,
    records: events.length,
    applied: events.filter(({ event }) => event === 'applied').length,
    unknown,
  });
}

/** What is known must not be lost to a concurrent transaction: it would have to be found out again. */
async function again<Kept>(work: () => Promise<Kept>): Promise<Kept> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof GantryError) || cause.code !== 'store_conflict' || tries >= KEEP_TRIES) throw cause;
    }
  }
}

const KEEP_TRIES = 5;

async function keep(
  tx: Tx,
  turn: Turn,
  sending: Sending,
  { result, watch }: { readonly result: SendResult; readonly watch: WriteWatch | null },
): Promise<readonly OutcomeEvent[]> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const plans = await lockPlansOf(tx, turn, sending.writes);
  await holdTurn(tx, turn);
  const events = sending.writes.map((each, index) => eventFor(turn, each, { result, index }));
  const moves: WriteMove[] = [];
  const entries: AuditEntry[] = [];
  for (const [index, each] of sending.writes.entries()) {
    const event = events[index];
    if (event === undefined) continue;
    const outcome = outcomeFor(result, index);
    moves.push(moveOf(each.queued, 'sending', event, { now: tx.now, outcome }));
    entries.push(...endEntry(plans.get(each.queued.plan), each, event, outcome));
  }
  // A job whose number is kept is asked itself, and knows; anything else may still take effect.
  const { way } = sending.batch;
  const isAsked = result.kind !== 'not_sent' && result.jobKept;
  const waitMs = isAsked ? Math.min(way.settleMs, limits.writeSettleEveryMs) : way.settleMs;
  const isLost = events.some(({ event }) => event === 'lost');
  const settleAt = isLost ? new Date(tx.now.getTime() + waitMs) : null;
  const moved = await moveWrites(tx, tenant, { sending: sending.id, from: ['sending'], moves, settleAt });
  if (events.some(({ event }) => event === 'applied')) await readBack(tx, turn.turn, sending.batch.object.name);
  const steps = new Map(sending.writes.map(({ queued, write }) => [keyOf(queued), write.step]));
  const sent = moved.map((each) => ({ ...each, step: steps.get(keyOf(each)) ?? 0 }));
  await followSent(tx, turn.turn, [...plans.values()], { entries, sent });
  const ends = events.map((event, index) => ({ row: plans.get(sending.writes[index]?.queued.plan ?? ''), event }));
  entries.push(...(await watchEnds(tx, turn, watch, ends)));
  await deps.audit(tx, tenant, entries);
  return events;
}

function eventFor(
  { deps }: Turn,
  { attempt }: Taken,
  { result, index }: { readonly result: SendResult; readonly index: number },
): OutcomeEvent {
  if (result.kind === 'not_sent') return notSent(result.error, attempt, deps.random.fraction());
  const outcome = result.kind === 'outcomes' ? result.outcomes[index] : undefined;
  return eventOf(outcome ?? { kind: 'unknown' }, attempt, deps.random);
}

function notSent(error: GantryError, attempt: number, fraction: number): OutcomeEvent {
  const afterMs =
    error.code === 'writes_stopped' ? limits.writeStoppedLookMs : pauseMs(attempt, null, { fraction: () => fraction });
  return { event: 'not_sent', code: error.code, recordId: null, afterMs };
}

const outcomeFor = (result: SendResult, index: number): JsonObject =>
  result.kind === 'not_sent'
    ? outcomeJson({ kind: 'not_sent', code: result.error.code })
    : outcomeJson((result.kind === 'outcomes' ? result.outcomes[index] : undefined) ?? { kind: 'unknown' });

const kinds: Partial<Readonly<Record<WriteEvent, AuditKind>>> = {
  applied: 'write_ended',
  refused: 'write_ended',
  conflicted: 'write_ended',
  exhausted: 'write_ended',
  lost: 'write_unknown',
};

/** One that waits again has no entry: its next attempt has. */
function endEntry(
  row: WritePlanRow | undefined,
  { queued, write, attempt }: Pick<Taken, 'queued' | 'write' | 'attempt'>,
  { event, code, recordId }: OutcomeEvent,
  outcome: JsonObject,
): AuditEntry[] {
  const kind = kinds[event];
  if (row === undefined || kind === undefined) return [];
  const told = { ...write, plan: queued.plan };
  const detail = { attempt, outcome, code, changes: write.changes.map(asJson) };
  return [writeEntry(kind, told, { actor: agentOf(row), recordId: recordId ?? queued.recordId, detail })];
}

/** A write that must not be sent. */
export interface Conflict {
  readonly queued: QueuedWrite;
  readonly write: PlannedWrite;
  readonly code: string;
  /** For people; null: the code says it. */
  readonly why: string | null;
  readonly image: RecordImage | null;
}

/** Ends writes before they were sent. */
export async function keepConflicts(turn: Turn, conflicts: readonly Conflict[]): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const plans = await lockPlansOf(tx, turn, conflicts);
      await holdTurn(tx, turn);
      const entries: AuditEntry[] = [];
      const moves: WriteMove[] = [];
      for (const { queued, write, code, why, image } of conflicts) {
        const event: OutcomeEvent = { event: 'conflicted', code, recordId: null, afterMs: null };
        moves.push(moveOf(queued, 'queued', event, { now: tx.now, outcome: null }));
        const detail = {
          code,
          ...(why === null ? {} : { why }),
          changes: write.changes.map(asJson),
          now: image === null ? null : { missing: image.missing, values: image.values },
        };
        const told = { ...write, plan: queued.plan };
        entries.push(writeEntry('write_ended', told, { actor: gantry, recordId: queued.recordId, detail }));
      }
      const moved = await moveWrites(tx, tenant, { sending: null, from: ['queued'], moves });
      const ended = new Set(moved.map(keyOf));
      const kept = entries.filter((_, index) => ended.has(keyOf(conflicts[index]?.queued ?? { plan: '', item: 0 })));
      await followPlans(tx, tenant, [...plans.values()], kept);
      await deps.audit(tx, tenant, kept);
    },
    'write.keep_conflicts',
  );
}

/** They wait on: nothing of it can be sent just now. */
export async function holdBack(turn: Turn, writes: readonly QueuedWrite[], error: GantryError): Promise<void> {
  const { deps } = turn;
  const { tenant, connection } = turn.turn;
  const { retryAt } = error.details;
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      await holdTurn(tx, turn);
      const least =
        tx.now.getTime() + (error.code === 'writes_stopped' ? limits.writeStoppedLookMs : limits.writeUnreachableMs);
      const dueAt = new Date(Math.max(least, retryAt?.getTime() ?? 0));
      const moves = writes.map(({ plan, item }) => ({
        plan,
        item,
        state: 'queued',
        open: true,
        recordId: null,
        code: error.code,
        dueAt,
        endedAt: null,
        outcome: null,
      }));
      await moveWrites(tx, tenant, { sending: null, from: ['queued'], moves });
    },
    'write.hold_back',
  );
  deps.onEvent({ kind: 'writes_held', tenant, connection, records: writes.length, code: error.code, cause: error });
}
