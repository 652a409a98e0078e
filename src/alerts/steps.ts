import { limits } from '../kernel/index.ts';
import type { AlertRow, NewAlert } from '../store/index.ts';
import { nextAlertState, type AlertEvent, type AlertState } from './alert-state.ts';
import type { Problem } from './problem.ts';
import { isAtLeast, isTopic, severities, topics, type Severity, type Topic } from './topics.ts';

/** What becomes of a tenant's alerts, given what is wrong with it now. */
export type Step =
  | { readonly kind: 'add'; readonly row: NewAlert }
  /** `told`: what people are told of it; null: nothing new. */
  | { readonly kind: 'keep'; readonly row: AlertRow; readonly told: 'resolved' | 'reminder' | null }
  | { readonly kind: 'drop'; readonly id: number };

export interface StepContext {
  readonly now: Date;
  /** Null: nobody is reminded. */
  readonly remindMs: number | null;
  /** By key: how often it was resolved within `limits.alertRecentMs`. */
  readonly past: ReadonlyMap<string, number>;
  /** Of which nothing is known now: their alerts stay as they are. */
  readonly untold: ReadonlySet<Topic>;
}

/** Pure: the difference between what is wrong and what people were told. */
export function stepsFor(present: readonly AlertRow[], problems: readonly Problem[], context: StepContext): Step[] {
  const known = new Map(present.map((row) => [row.key, row]));
  const wrong = new Map(problems.map((problem) => [problem.key, problem]));
  const seen = [...wrong.values()].map((problem): Step => {
    const row = known.get(problem.key);
    return row === undefined ? added(problem, context) : seenAgain(row, problem, context);
  });
  const gone = present.flatMap((row) => (wrong.has(row.key) ? [] : goneStep(row, context)));
  return [...seen, ...gone];
}

/** When something about these changes by time alone; null: nothing does. */
export function nextMoment(rows: readonly AlertRow[], past: ReadonlyMap<string, number>): Date | null {
  const moments = rows.flatMap((row) => {
    switch (row.state as AlertState) {
      case 'pending':
        return [ripeAt(row.topic, row.since)];
      case 'open':
        return row.remindAt === null ? [] : [row.remindAt];
      case 'fading':
      case 'clearing':
        return row.goneAt === null ? [] : [settledAt(row.goneAt, row.key, past)];
      case 'resolved':
        return [];
    }
  });
  return moments.length === 0 ? null : new Date(Math.min(...moments.map((at) => at.getTime())));
}

function added(problem: Problem, { now, remindMs }: StepContext): Step {
  const since = problem.since ?? now;
  const state = nextAlertState('none', seenEvent(problem.topic, since, now)) as AlertState;
  const isOpen = state === 'open';
  const { key, topic, severity, title, detail, who, fix } = problem;
  const openedAt = isOpen ? now : null;
  const remindAt = isOpen ? after(now, remindMs) : null;
  return {
    kind: 'add',
    row: { key, topic, severity, state, title, detail, who, fix, since, noticedAt: now, openedAt, remindAt },
  };
}

/** The words may have changed (counts, dates): the alert has the newest. */
function seenAgain(row: AlertRow, problem: Problem, { now, remindMs }: StepContext): Step {
  const { severity, title, detail, who, fix } = problem;
  const since = problem.since ?? row.since;
  const before = row.state as AlertState;
  const state = nextAlertState(before, seenEvent(problem.topic, since, now)) as AlertState;
  const words = { ...row, severity, title, detail, who, fix, since, state, goneAt: null };
  const opens = state === 'open' && row.openedAt === null;
  if (opens) return kept({ ...words, openedAt: now, remindAt: after(now, remindMs) }, null);
  // Who took it on knew of less: all who were told hear of it at once.
  if (row.acknowledged !== null && rises(row.severity, severity)) {
    const acknowledged = null;
    const reminders = row.reminders + 1;
    return kept({ ...words, acknowledged, reminders, remindAt: after(now, remindMs) }, 'reminder');
  }
  const reminds = state === 'open' && row.acknowledged === null && row.remindAt !== null && row.remindAt <= now;
  if (!reminds) return kept(words, null);
  return kept({ ...words, reminders: row.reminders + 1, remindAt: after(now, remindMs) }, 'reminder');
}

function goneStep(row: AlertRow, { now, past, untold }: StepContext): Step[] {
  // A newer program's topic is that program's to judge.
  if (!isTopic(row.topic) || untold.has(row.topic)) return [];
  const goneAt = row.goneAt ?? now;
  const isOver = row.goneAt !== null && settledAt(goneAt, row.key, past) <= now;
  const state = nextAlertState(row.state as AlertState, isOver ? 'settled' : 'gone');
  if (state === 'none') return [{ kind: 'drop', id: row.id }];
  if (state === 'resolved') return [kept({ ...row, state, goneAt, resolvedAt: now, remindAt: null }, 'resolved')];
  return [kept({ ...row, state, goneAt }, null)];
}

const kept = (row: AlertRow, told: 'resolved' | 'reminder' | null): Step => ({ kind: 'keep', row, told });

const seenEvent = (topic: Topic, since: Date, now: Date): AlertEvent => (ripeAt(topic, since) <= now ? 'ripe' : 'seen');

/** What a newer program calls it is not judged here. */
const rises = (before: string, now: Severity): boolean =>
  severities.some((each) => each === before && each !== now && isAtLeast(now, each));

/** From a newer program's topic on, this one's clock does nothing. */
const ripeAt = (topic: string, since: Date): Date =>
  new Date(since.getTime() + (isTopic(topic) ? topics[topic].afterMs : limits.alertKeepMs));

/** What came back within a day has to be away for longer each time. */
function settledAt(goneAt: Date, key: string, past: ReadonlyMap<string, number>): Date {
  const doubled = limits.alertHoldMs * 2 ** Math.min(past.get(key) ?? 0, 30);
  return new Date(goneAt.getTime() + Math.min(doubled, limits.alertHoldMaxMs));
}

const after = (now: Date, ms: number | null): Date | null => (ms === null ? null : new Date(now.getTime() + ms));
