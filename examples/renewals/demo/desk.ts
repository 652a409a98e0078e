import type { Agent } from './agent.ts';
import { OPEN_STAGES } from './question.ts';

/** An open deal, as the agent sees it. */
export interface Deal {
  readonly ref: string;
  /** The CRM's own id. */
  readonly id: string;
  readonly name: string;
  readonly amount: number;
}

export interface Account {
  readonly name: string;
  readonly deals: readonly Deal[];
}

export interface Plan {
  readonly plan_id: string;
  readonly title: string;
  readonly status: string;
  readonly impact: { readonly amount: number | null; readonly currency: string | null };
  readonly decision: {
    readonly kind: string;
    readonly because: readonly string[];
    readonly needs?: readonly { readonly from: string | readonly string[]; readonly within_minutes: number }[];
  };
}

/** An agent that changes what deals are worth, by the five tools that its grant names. */
export interface Desk {
  /** The account of the alphabet's beginning that has at least so many open deals. */
  accountWith(deals: number): Promise<Account>;
  prepare(deal: Deal, amount: number, reason: string): Promise<Plan>;
  /** Resolves with the plan's state. */
  commit(plan: string): Promise<string>;
  /** Resolves when the plan has ended, with the state that it ended in. */
  ended(plan: string): Promise<string>;
}

const GIVE_UP_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 50;
const ends = new Set(['done', 'stopped', 'refused', 'rejected', 'expired', 'withdrawn', 'proposed']);

export function deskOf(agent: Agent): Desk {
  const call = async (
    tool: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { failed, content } = await agent.call(tool, args);
    if (failed) throw new Error(`${tool} failed: ${JSON.stringify(content)}`);
    return content;
  };
  return {
    accountWith: async (least) => accountIn(await call('query_records', dealsOfBusyAccounts(least)), least),
    prepare: async (deal, amount, reason) => {
      const records = [{ id: deal.ref, input: { amount } }];
      return (await call('run_operation', { operation: 'deal.change_value', records, reason })) as unknown as Plan;
    },
    commit: async (plan) => String((await call('commit_write', { plan_id: plan }))['status']),
    ended: (plan) => endOf(plan, async () => String((await call('get_status', { plan_id: plan }))['status'])),
  };
}

/** Resolves when the plan has ended, with the state that it ended in. */
export async function endOf(plan: string, look: () => Promise<string>): Promise<string> {
  const started = performance.now();
  for (;;) {
    const state = await look();
    if (ends.has(state)) return state;
    if (performance.now() - started > GIVE_UP_AFTER_MS) throw new Error(`${plan} is still ${state}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const isOpen = { field: 'stage', op: 'in', value: OPEN_STAGES } as const;

const dealsOfBusyAccounts = (least: number): Readonly<Record<string, unknown>> => ({
  object: 'deal',
  filter: {
    and: [
      isOpen,
      { field: 'amount', op: 'gt', value: 0 },
      { field: { count: 'account.deals', where: isOpen }, op: 'gte', value: least },
    ],
  },
  fields: ['crm_id', 'name', 'account.crm_id', 'account.name', 'amount'],
  sort: [{ field: 'account.name' }, { field: 'crm_id' }],
  limit: 50,
});

function accountIn(table: Readonly<Record<string, unknown>>, least: number): Account {
  const { columns, rows } = table as { readonly columns: readonly string[]; readonly rows: readonly unknown[][] };
  const value = (row: readonly unknown[], name: string): unknown => row[columns.indexOf(name)];
  for (const first of rows) {
    const own = rows.filter((row) => value(row, 'account.crm_id') === value(first, 'account.crm_id'));
    if (own.length < least) continue;
    const deals = own.map((row) => ({
      ref: String(value(row, '_ref')),
      id: String(value(row, 'crm_id')),
      name: String(value(row, 'name')),
      amount: Number(value(row, 'amount')),
    }));
    return { name: String(value(first, 'account.name')), deals };
  }
  throw new Error(`no account has ${String(least)} open deals; a larger --scale has one`);
}
