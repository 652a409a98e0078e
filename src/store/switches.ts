import type { JsonObject, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';

/** Something that is stopped. `mode`, `scope` and `subject` are src/switches' own, opaque here. */
export interface SwitchRow {
  readonly id: number;
  readonly mode: string;
  readonly scope: string;
  readonly subject: JsonObject;
  readonly reason: string;
  readonly thrownBy: string;
  readonly thrownAt: Date;
  readonly liftAskedBy: string | null;
  readonly liftAskedAt: Date | null;
  readonly liftedBy: string | null;
  readonly liftedAt: Date | null;
}

const times = `reason, thrown_by as "thrownBy", thrown_at as "thrownAt", lift_asked_by as "liftAskedBy",
  lift_asked_at as "liftAskedAt", lifted_by as "liftedBy", lifted_at as "liftedAt"`;
const globally = `'global' as scope, '{}'::jsonb as subject`;

export const switchesSql = {
  throw: `insert into switch (tenant, id, mode, scope, subject, reason, thrown_by, thrown_at)
    values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8)`,
  open: `select id, mode, scope, subject, ${times} from switch where tenant = $1 and lifted_at is null order by id`,
  list: `select id, mode, scope, subject, ${times} from switch where tenant = $1 order by id desc limit $2`,
  one: `select id, mode, scope, subject, ${times} from switch where tenant = $1 and id = $2 for update`,
  ask: `update switch set lift_asked_by = $3, lift_asked_at = $4
    where tenant = $1 and id = $2 and lifted_at is null`,
  lift: `update switch set lifted_by = $3, lifted_at = $4
    where tenant = $1 and id = $2 and lifted_at is null and lift_asked_by is not null and lift_asked_by <> $3
    returning id`,
  throwGlobally: `insert into global_switch (mode, reason, thrown_by, thrown_at) values ($1, $2, $3, $4) returning id`,
  openGlobally: `select id, mode, ${globally}, ${times} from global_switch where lifted_at is null order by id`,
  listGlobally: `select id, mode, ${globally}, ${times} from global_switch order by id desc limit $1`,
  oneGlobally: `select id, mode, ${globally}, ${times} from global_switch where id = $1 for update`,
  askGlobally: `update global_switch set lift_asked_by = $2, lift_asked_at = $3 where id = $1 and lifted_at is null`,
  liftGlobally: `update global_switch set lifted_by = $2, lifted_at = $3
    where id = $1 and lifted_at is null and lift_asked_by is not null and lift_asked_by <> $2 returning id`,
} as const;

/** Null: of the whole installation. */
export type SwitchOwner = TenantId | null;

export interface NewSwitch {
  readonly mode: string;
  readonly scope: string;
  readonly subject: JsonObject;
  readonly reason: string;
  readonly by: string;
}

/** The number of the switch; it holds from this transaction's commit on. */
export async function throwSwitch(tx: Tx, owner: SwitchOwner, given: NewSwitch): Promise<number> {
  const { mode, scope, subject, reason, by } = given;
  if (owner === null) {
    const [row] = await tx.query<{ id: number }>(switchesSql.throwGlobally, [mode, reason, by, tx.now]);
    if (row === undefined) throw new Error('an insert returns its row');
    return row.id;
  }
  const id = await nextNumber(tx, owner, 'switch');
  await tx.query(switchesSql.throw, [owner, id, mode, scope, JSON.stringify(subject), reason, by, tx.now]);
  return id;
}

/** All that holds for a tenant now, the whole installation's included. */
export async function openSwitches(tx: Tx, tenant: TenantId): Promise<SwitchRow[]> {
  const own = await tx.query<SwitchRow>(switchesSql.open, [tenant]);
  const everybodys = await tx.query<SwitchRow>(switchesSql.openGlobally);
  return [...everybodys, ...own];
}

/** Newest first, lifted ones included. */
export function listSwitches(tx: Tx, owner: SwitchOwner, limit: number): Promise<SwitchRow[]> {
  return owner === null
    ? tx.query<SwitchRow>(switchesSql.listGlobally, [limit])
    : tx.query<SwitchRow>(switchesSql.list, [owner, limit]);
}

/** Locked until the transaction ends. */
export async function lockSwitch(tx: Tx, owner: SwitchOwner, id: number): Promise<SwitchRow | null> {
  const [row] =
    owner === null
      ? await tx.query<SwitchRow>(switchesSql.oneGlobally, [id])
      : await tx.query<SwitchRow>(switchesSql.one, [owner, id]);
  return row ?? null;
}

export async function askToLift(tx: Tx, owner: SwitchOwner, id: number, by: string): Promise<void> {
  if (owner === null) await tx.query(switchesSql.askGlobally, [id, by, tx.now]);
  else await tx.query(switchesSql.ask, [owner, id, by, tx.now]);
}

/** False: nobody else has asked for it, or it is lifted already. */
export async function liftSwitch(tx: Tx, owner: SwitchOwner, id: number, by: string): Promise<boolean> {
  const lifted =
    owner === null
      ? await tx.query(switchesSql.liftGlobally, [id, by, tx.now])
      : await tx.query(switchesSql.lift, [owner, id, by, tx.now]);
  return lifted.length > 0;
}
