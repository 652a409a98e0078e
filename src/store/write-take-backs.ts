import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';
import type { WriteTurnKey } from './write-turns.ts';

/** A step whose writes are taken back. `state` and `remains` are src/write's, opaque here; `comparing` is what a turn does. */
export interface TakeBackRow {
  readonly plan: string;
  readonly step: number;
  readonly connection: ConnectionId;
  readonly state: string;
  readonly writeStep: number | null;
  readonly remains: readonly JsonObject[];
  readonly deadlineAt: Date | null;
}

export interface TakeBackMove {
  readonly plan: string;
  readonly step: number;
  readonly state: string;
  readonly writeStep: number | null;
  readonly remains: readonly JsonObject[];
  readonly dueAt: Date | null;
  readonly deadlineAt: Date | null;
}

const columns = `plan, step, connection, state, write_step as "writeStep", remains, deadline_at as "deadlineAt"`;

export const writeTakeBacksSql = {
  add: `insert into write_take_back (tenant, plan, step, connection, state, changed_at)
    select $1, $2, r.s, r.c, $4, $5 from jsonb_to_recordset($3::text::jsonb) as r(s int, c int)`,
  read: `select ${columns} from write_take_back where tenant = $1 and plan = $2 order by step desc`,
  due: `select ${columns} from write_take_back
    where tenant = $1 and connection = $2 and state = 'comparing' and due_at <= $3 order by due_at, plan, step limit $4`,
  ofConnection: `select ${columns} from write_take_back
    where tenant = $1 and connection = $2 and state = 'comparing' order by plan, step limit $3`,
  move: `update write_take_back set state = $4, write_step = $5, remains = $6::text::jsonb, due_at = $7,
      deadline_at = $8, changed_at = $9
    where tenant = $1 and plan = $2 and step = $3`,
  last: `select max(item)::int as item, max(step)::int as step from write where tenant = $1 and plan = $2`,
  written: `select distinct on (step) step, connection from write where tenant = $1 and plan = $2 and state = $3
    order by step, item`,
  stuck: `select b.plan, b.step, b.changed_at as "changedAt", p.content ->> 'title' as title
    from write_take_back b join write_plan p on p.tenant = $1 and p.id = b.plan
    where b.tenant = $1 and b.state = 'needs_human' order by b.changed_at, b.plan limit $2`,
} as const;

/** Steps of a plan, all in one state. */
export async function addTakeBacks(
  tx: Tx,
  tenant: TenantId,
  plan: string,
  { steps, state }: { readonly steps: readonly WrittenStep[]; readonly state: string },
): Promise<void> {
  const rows = steps.map(({ step: s, connection: c }) => ({ s, c }));
  await tx.query(writeTakeBacksSql.add, [tenant, plan, JSON.stringify(rows), state, tx.now]);
}

/** The last step first: in this order they are taken back. */
export function readTakeBacks(tx: Tx, tenant: TenantId, plan: string): Promise<TakeBackRow[]> {
  return tx.query<TakeBackRow>(writeTakeBacksSql.read, [tenant, plan]);
}

/** Steps of which it is to be compared now what stands there. */
export function dueTakeBacks(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<TakeBackRow[]> {
  return tx.query<TakeBackRow>(writeTakeBacksSql.due, [tenant, connection, tx.now, limit]);
}

/** The same, due or not. */
export function takeBacksOf(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<TakeBackRow[]> {
  return tx.query<TakeBackRow>(writeTakeBacksSql.ofConnection, [tenant, connection, limit]);
}

/** Whoever moves one has locked its plan. */
export async function moveTakeBack(tx: Tx, tenant: TenantId, move: TakeBackMove): Promise<void> {
  const { plan, step, state, writeStep, remains, dueAt, deadlineAt } = move;
  const text = jsonbText(JSON.stringify(remains));
  await tx.query(writeTakeBacksSql.move, [tenant, plan, step, state, writeStep, text, dueAt, deadlineAt, tx.now]);
}

/** The highest numbers that writes of a plan have; of one without writes -1. */
export async function lastNumbers(
  tx: Tx,
  tenant: TenantId,
  plan: string,
): Promise<{ readonly item: number; readonly step: number }> {
  const [row] = await tx.query<{ item: number | null; step: number | null }>(writeTakeBacksSql.last, [tenant, plan]);
  return { item: row?.item ?? -1, step: row?.step ?? -1 };
}

export interface WrittenStep {
  readonly step: number;
  /** Of the first of its writes in that state. */
  readonly connection: ConnectionId;
}

/** Steps that have a write in this state. */
export function stepsWith(tx: Tx, tenant: TenantId, plan: string, state: string): Promise<WrittenStep[]> {
  return tx.query<WrittenStep>(writeTakeBacksSql.written, [tenant, plan, state]);
}

export interface StuckTakeBack {
  readonly plan: string;
  readonly step: number;
  readonly changedAt: Date;
  readonly title: string | null;
}

/** What could not be taken back, and waits for a person; the longest first. */
export function stuckTakeBacks(tx: Tx, tenant: TenantId, limit: number): Promise<StuckTakeBack[]> {
  return tx.query<StuckTakeBack>(writeTakeBacksSql.stuck, [tenant, limit]);
}
