import { abortTogether, GantryError, limits } from '../kernel/index.ts';
import type { CallAttempt, CallGate, CallOutcome, CallPermit } from '../connectors/index.ts';
import type { Breaker } from './breaker.ts';
import type { BudgetDeps } from './deps.ts';
import type { LimitKeeper, SpentCall } from './limit-keeper.ts';
import type { AccountRules } from './rules.ts';
import type { Caller, Slots } from './slots.ts';
import type { WindowRule } from './window.ts';

export interface GateOf {
  /** The connection's name, for errors. */
  readonly slug: string;
  readonly caller: Caller;
  readonly rules: AccountRules;
  readonly breaker: Breaker;
  /** Calls under way: of the account, then of the host. */
  readonly slots: readonly Slots[];
  readonly keeper: (name: string) => LimitKeeper;
  /** Ends waits: the process stops. */
  readonly signal: AbortSignal;
}

/** Lets a connection's calls through one by one: its circuit, room for one more call, and each limit that counts it. */
export function createGate(deps: BudgetDeps, of: GateOf): CallGate {
  const { breaker, caller, rules } = of;
  return {
    admit: async (attempt) => {
      const pass = await breaker.enter();
      const left: (() => void)[] = [];
      const spent: SpentCall[] = [];
      const giveUp = (): void => {
        for (const call of spent) call.giveBack();
        for (const leave of left) leave();
        breaker.settle(pass, 'unsent', 0);
      };
      const ending = new AbortController();
      const leaveSignals = abortTogether(ending, [attempt.signal, of.signal]);
      const { signal } = ending;
      try {
        for (const slots of of.slots) {
          const leave = await slots.enter(caller, { ms: untilEnd(deps, attempt), signal });
          if (leave === null) throw usedUp(deps, of, null, 1_000);
          left.push(leave);
        }
        for (const rule of rulesOf(rules, attempt)) spent.push(await spend(deps, of, rule, { attempt, signal }));
        breaker.recheck(pass);
      } catch (error) {
        giveUp();
        throw error;
      } finally {
        leaveSignals();
      }
      const sentMs = deps.clock.monotonicMs();
      let settled = false;
      const settle: CallPermit['settle'] = (outcome) => {
        if (settled) throw new Error('a call was settled twice');
        settled = true;
        if (outcome.kind === 'unsent') {
          giveUp();
          return;
        }
        for (const call of spent) call.done();
        for (const leave of left) leave();
        breaker.settle(pass, outcome.kind, deps.clock.monotonicMs() - sentMs);
        tell(of, attempt, outcome);
      };
      return { settle };
    },
  };
}

/** A limit of its own first: it is the narrower one. */
function rulesOf({ named, common }: AccountRules, { limit }: CallAttempt): readonly WindowRule[] {
  const own = limit === null ? undefined : named.get(limit);
  return own === undefined ? common : [own, ...common];
}

const untilEnd = ({ clock }: BudgetDeps, { deadlineMs }: CallAttempt): number =>
  Math.max(0, deadlineMs - clock.monotonicMs());

/**
 * Background work gives its place back rather than wait for long: an agent may
 * want the same object now, and other customers' objects wait for the place.
 */
const patience = (deps: BudgetDeps, { caller: { purpose } }: GateOf, attempt: CallAttempt): number =>
  Math.min(untilEnd(deps, attempt), purpose === 'background' ? limits.backgroundWaitMs : Infinity);

async function spend(
  deps: BudgetDeps,
  of: GateOf,
  rule: WindowRule,
  { attempt, signal }: { readonly attempt: CallAttempt; readonly signal: AbortSignal },
): Promise<SpentCall> {
  const keeper = of.keeper(rule.name);
  for (;;) {
    signal.throwIfAborted();
    const spent = await keeper.spend(rule, of.caller.purpose);
    if (spent.kind === 'call') return spent.call;
    if (spent.ms > patience(deps, of, attempt)) throw usedUp(deps, of, rule.name, spent.ms);
    await deps.clock.sleep(spent.ms, signal);
  }
}

/** What the provider's answer says of the limits. */
function tell(of: GateOf, { limit }: CallAttempt, outcome: CallOutcome): void {
  const { rules } = of;
  if (outcome.kind === 'failed' || outcome.kind === 'unsent') return;
  const own = limit === null ? undefined : rules.named.get(limit);
  // Calls of the common limit are left: it was the narrower one that refused.
  const ownOnly = own !== undefined && (outcome.reading?.remaining ?? 0) > 0;
  if (outcome.kind === 'limited' && own !== undefined) of.keeper(own.name).refused(own, outcome.waitMs);
  if (outcome.kind === 'answered' && own !== undefined) of.keeper(own.name).answered(outcome.own ?? null);
  for (const [place, rule] of rules.common.entries()) {
    const keeper = of.keeper(rule.name);
    // Every call needs all common limits, so one of them holds the block for all.
    if (outcome.kind === 'limited' && !ownOnly && place === 0) keeper.refused(rule, outcome.waitMs);
    else if (outcome.kind === 'answered') keeper.answered(rule.name === rules.read ? outcome.reading : null);
  }
}

function usedUp(deps: BudgetDeps, { slug }: GateOf, limit: string | null, waitMs: number): GantryError {
  return new GantryError('upstream_rate_limited', {
    message:
      limit === null
        ? `As many calls as the system behind connection ${slug} takes at once are under way already.`
        : `The calls that the system behind connection ${slug} allows (limit "${limit}") are used up for now.`,
    where: slug,
    retryAt: new Date(deps.clock.now().getTime() + waitMs),
    data: { class: 'budget', ...(limit === null ? {} : { limit }) },
  });
}
