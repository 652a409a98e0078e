import type { BudgetRow } from '../store/index.ts';
import type { ConnectionBudget } from './connection-budget.ts';
import { forecast } from './forecast.ts';
import { rulesFor, UNBOUNDED } from './rules.ts';
import { current, newWindow, type WindowRule, type WindowState } from './window.ts';

/** One limit of one account, for people. */
export interface BudgetReport {
  readonly provider: string;
  /** The provider's own name for the account; null where it is not known. */
  readonly accountId: string | null;
  readonly connections: readonly Pick<ConnectionBudget, 'tenant' | 'connection' | 'slug'>[];
  readonly limit: string;
  readonly windowS: number;
  readonly used: number;
  /** Null: nobody knows of a limit. */
  readonly calls: number | null;
  readonly reserve: number;
  readonly resetsAt: Date | null;
  readonly exhaustedAt: Date | null;
  readonly blockedUntil: Date | null;
}

/** Nothing for a limit that no connection has any more. Where several share the account, the strictest rule counts. */
export function budgetReport(
  row: BudgetRow<WindowState>,
  sharing: readonly ConnectionBudget[],
  now: number,
): BudgetReport[] {
  const rules = sharing.flatMap(({ rateLimits, configured }) => {
    const { common, named } = rulesFor(rateLimits, configured);
    return [...common, ...named.values()].filter(({ name }) => name === row.name);
  });
  const [first] = sharing;
  const rule = rules.toSorted((one, other) => one.calls - other.calls)[0];
  if (first === undefined || rule === undefined) return [];
  const { used, limit, reserve, ...moments } = forecastOf(row, rule, now);
  return [
    {
      provider: row.provider,
      accountId: first.accountId,
      connections: sharing.map(({ tenant, connection, slug }) => ({ tenant, connection, slug })),
      limit: rule.name,
      windowS: rule.windowMs / 1_000,
      used,
      calls: limit >= UNBOUNDED ? null : limit,
      reserve,
      resetsAt: dateOf(moments.resetsAt),
      exhaustedAt: dateOf(moments.exhaustedAt),
      blockedUntil: dateOf(moments.blockedUntil),
    },
  ];
}

const forecastOf = (row: BudgetRow<WindowState>, rule: WindowRule, now: number): ReturnType<typeof forecast> =>
  forecast(current(row.state ?? newWindow, rule, now), rule, now);

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
