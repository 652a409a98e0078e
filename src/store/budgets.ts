import type { JsonObject } from '../kernel/index.ts';
import type { Db, Tx } from './db.ts';

/** One limit of one provider account; processes and tenants that share the account share the row. */
export interface BudgetKey {
  readonly account: string;
  readonly name: string;
}

export interface BudgetRow<State> extends BudgetKey {
  readonly provider: string;
  readonly state: State | null;
  readonly at: Date;
}

/** Payload: what `tellBudget` was given. */
export const budgetChannel = 'gantry_budget';

export const budgetsSql = {
  // Makes the row where it is missing, and locks it, in one statement.
  lock: `insert into budget (account, name, provider, at) values ($1, $2, $3, $4)
    on conflict (account, name) do update set at = excluded.at returning state`,
  keep: 'update budget set state = $3::text::jsonb where account = $1 and name = $2',
  forget: 'delete from budget where account = any($1)',
  tell: 'select pg_notify($1, $2)',
  all: 'select account, name, provider, state, at from budget order by account, name',
  of: 'select account, name, provider, state, at from budget where account = any($1) order by account, name',
} as const;

/** The row's state, locked until commit; null where nobody used it before. `State` is src/budget's, opaque here. */
export async function lockBudget<State extends object>(
  tx: Tx,
  key: BudgetKey & { readonly provider: string },
): Promise<State | null> {
  const { account, name, provider } = key;
  const [row] = await tx.query<{ state: State | null }>(budgetsSql.lock, [account, name, provider, tx.now]);
  return row?.state ?? null;
}

export async function keepBudget(tx: Tx, { account, name }: BudgetKey, state: object): Promise<void> {
  await tx.query(budgetsSql.keep, [account, name, JSON.stringify(state)]);
}

/** Of accounts that nobody uses any more. */
export async function forgetBudgets(tx: Tx, accounts: readonly string[]): Promise<void> {
  await tx.query(budgetsSql.forget, [[...accounts]]);
}

/** Tells all processes with the commit; a lost word costs them a refused call. */
export async function tellBudgets(tx: Tx, word: JsonObject): Promise<void> {
  await tx.query(budgetsSql.tell, [budgetChannel, JSON.stringify(word)]);
}

/** `accounts`: null for all. */
export async function listBudgets<State>(db: Db, accounts: readonly string[] | null): Promise<BudgetRow<State>[]> {
  return accounts === null ? db.query(budgetsSql.all) : db.query(budgetsSql.of, [accounts]);
}
