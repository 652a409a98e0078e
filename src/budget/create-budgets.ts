import { limits } from '../kernel/index.ts';
import type { CallGate, CallPurpose } from '../connectors/index.ts';
import { budgetChannel, listBudgets } from '../store/index.ts';
import { backgroundWork } from './background-work.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import { budgetReport, type BudgetReport } from './budget-report.ts';
import { accountOf, type ConnectionBudget } from './connection-budget.ts';
import type { BudgetDeps } from './deps.ts';
import { createGate } from './gate.ts';
import { createLimitKeeper, type LimitKeeper } from './limit-keeper.ts';
import { rulesFor, type AccountRules } from './rules.ts';
import { createSlots, type Slots } from './slots.ts';
import type { WindowState } from './window.ts';
import { readWord } from './word.ts';

/** The calls of all connections, kept within what their providers allow. One per process. */
export interface Budgets {
  /** Of a connection whose `apiUrl` is known. */
  gate(of: ConnectionBudget & { readonly apiUrl: string }, purpose: CallPurpose): CallGate;
  /** How much of each of these connections' accounts is used, for status. */
  report(of: readonly ConnectionBudget[]): Promise<readonly BudgetReport[]>;
  /** Hears what other processes are told by providers. */
  listen(): Promise<() => Promise<void>>;
  /** Gives back what was not used. */
  close(): Promise<void>;
}

export function createBudgets(deps: BudgetDeps): Budgets {
  const { clock } = deps;
  const process = Buffer.from(deps.random.bytes(9)).toString('base64url');
  const work = backgroundWork((cause) => deps.onEvent({ kind: 'budget_unkept', cause }));
  const keepers = new Map<string, LimitKeeper>();
  const breakers = new Map<string, Breaker>();
  const slots = new Map<string, Slots>();

  const keeperOf = (account: string, provider: string, name: string): LimitKeeper =>
    remembered(keepers, `${account} ${name}`, () => createLimitKeeper(deps, { account, provider, name }, work));
  const slotsOf = (key: string, most: number): Slots =>
    remembered(slots, key, () => createSlots(most, { clock, signal: work.signal }));

  const hear = (payload: string): void => {
    const word = readWord(payload);
    if (word === null) return;
    if (word.kind === 'blocked') keepers.get(`${word.account} ${word.limit}`)?.block(word.forMs);
    else breakers.get(`${String(word.tenant)}/${String(word.connection)}`)?.hear(word.state, word.forMs);
  };

  return {
    gate: (of, purpose) => {
      const { tenant, connection, slug, provider, apiUrl } = of;
      const account = accountOf(of);
      const rules = rulesFor(of.rateLimits, of.configured);
      return createGate(deps, {
        slug,
        caller: { purpose, connection: `${String(tenant)}/${String(connection)}` },
        rules,
        breaker: remembered(breakers, `${String(tenant)}/${String(connection)}`, () =>
          createBreaker(deps, { tenant, connection, slug, process }, work),
        ),
        slots: [
          slotsOf(`account ${account}`, atOnce(rules)),
          slotsOf(`host ${new URL(apiUrl).host}`, limits.callsPerHostMax),
        ],
        keeper: (name) => keeperOf(account, provider, name),
        signal: work.signal,
      });
    },
    report: async (all) => {
      const accounts = [...new Set(all.map(accountOf))];
      const rows = await listBudgets<WindowState>(deps.db, accounts);
      const { now } = await deps.db.read(async (tx) => ({ now: tx.now.getTime() }));
      return rows.flatMap((row) => {
        const sharing = all.filter((each) => accountOf(each) === row.account);
        return budgetReport(row, sharing, now);
      });
    },
    listen: () => deps.db.listen(budgetChannel, hear),
    close: () => work.stop(),
  };
}

const atOnce = ({ concurrent }: AccountRules): number =>
  Math.max(1, Math.min(limits.callsPerAccountMax, concurrent ?? limits.callsPerAccountMax));

function remembered<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  const known = all.get(key) ?? make();
  all.set(key, known);
  return known;
}
