import type { RecordImage, Settled, WriteOutcome } from '../connectors/index.ts';
import { limits, type JsonObject, type Random } from '../kernel/index.ts';
import type { QueuedWrite, WriteMove } from '../store/index.ts';
import { asJson } from './plan-row.ts';
import { isOpen, nextWriteState, type WriteEvent, type WriteState } from './write-state.ts';

/** What the provider's word makes of a write that is being sent. */
export interface OutcomeEvent {
  readonly event: WriteEvent;
  readonly code: string | null;
  readonly recordId: string | null;
  /** Null: not later. */
  readonly afterMs: number | null;
}

/** Pure. `attempts`: this one included. */
export function eventOf(outcome: WriteOutcome, attempts: number, random: Pick<Random, 'fraction'>): OutcomeEvent {
  const none = { code: null, recordId: null, afterMs: null };
  switch (outcome.kind) {
    case 'applied':
      return { ...none, event: 'applied', recordId: outcome.recordId };
    case 'refused':
      return { ...none, event: 'refused', code: outcome.refusal.code };
    case 'changed':
      return { ...none, event: 'conflicted', code: 'record_changed' };
    case 'try_again':
      return attempts >= limits.writeAttemptsMax
        ? { ...none, event: 'exhausted', code: outcome.refusal.code }
        : {
            ...none,
            event: 'try_again',
            code: outcome.refusal.code,
            afterMs: pauseMs(attempts, outcome.afterMs, random),
          };
    case 'unknown':
      return { ...none, event: 'lost', code: 'answer_lost' };
  }
}

/** Longer with each attempt, and no shorter than the provider asks for; a tenth is chance, so that not all come back together. */
export function pauseMs(attempts: number, askedMs: number | null, random: Pick<Random, 'fraction'>): number {
  const steps = limits.writeRetryMs;
  const own = steps[Math.min(attempts, steps.length) - 1] ?? steps[0];
  return Math.ceil(Math.max(own, askedMs ?? 0) * (1 + random.fraction() / 10));
}

/** Pure: the same of what reading says. `provable`: a later answer may say more. */
export function settledEvent(
  settled: Settled,
  { late, over }: { readonly late: boolean; readonly over: boolean },
): OutcomeEvent {
  const none = { code: null, recordId: null, afterMs: null };
  switch (settled.kind) {
    case 'applied':
      return { ...none, event: 'found', recordId: settled.recordId };
    case 'not_applied':
      return late ? { ...none, event: 'exhausted', code: 'deadline_passed' } : { ...none, event: 'absent', afterMs: 0 };
    case 'unclear':
      return over
        ? { ...none, event: 'given_up', code: 'unclear' }
        : { ...none, event: 'unclear', code: 'answer_lost' };
  }
}

/** The row of a write after an event in a state. Raises where the table has no answer: whoever asks knows the state. */
export function moveOf(
  write: Pick<QueuedWrite, 'plan' | 'item'>,
  state: WriteState,
  { event, code, recordId, afterMs }: OutcomeEvent,
  { now, outcome }: { readonly now: Date; readonly outcome: JsonObject | null },
): WriteMove {
  const next = nextWriteState(state, event);
  if (next === null) throw new Error(`a write in state ${state} cannot be ${event}`);
  const open = isOpen(next);
  return {
    plan: write.plan,
    item: write.item,
    state: next,
    open,
    recordId,
    code,
    dueAt: afterMs === null ? null : new Date(now.getTime() + afterMs),
    endedAt: open || next === 'needs_human' ? null : now,
    outcome,
  };
}

/** For the journal. */
export const outcomeJson = (
  outcome: WriteOutcome | Settled | { readonly kind: 'not_sent'; readonly code: string },
): JsonObject => asJson(outcome);

export const imageJson = (image: RecordImage): JsonObject => asJson(image);
