import type { JsonObject, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import type { WatchKey } from './switch-watch.ts';

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
  /** The trigger of the project that threw it, what that counts, and what it had counted; null: a person did. */
  readonly trigger: string | null;
  readonly triggerSubject: string | null;
  readonly figures: JsonObject | null;
}

const times = `reason, thrown_by as "thrownBy", thrown_at as "thrownAt", lift_asked_by as "liftAskedBy",
  lift_asked_at as "liftAskedAt", lifted_by as "liftedBy", lifted_at as "liftedAt"`;
const columns = `mode, scope, subject, ${times}, trigger, trigger_subject as "triggerSubject", figures`;
const globally = `'global' as scope, '{}'::jsonb as subject, null::text as trigger, null::text as "triggerSubject",
  null::jsonb as figures`;

export const switchesSql = {
  throw: `insert into switch (tenant, id, mode, scope, subject, reason, thrown_by, thrown_at, trigger,
      trigger_subject, figures)
    values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9, $10, $11::text::jsonb)`,
  triggered: `select id from switch
    where tenant = $1 and trigger = $2 and trigger_subject = $3 and lifted_at is null`,
  openToAll: `select id, mode, ${globally}, ${times} from global_switch where lifted_at is null
    union all
    select id, mode, scope, subject, trigger, trigger_subject, figures, ${times} from switch
    where tenant = $1 and lifted_at is null`,
  list: `select id, ${columns} from switch where tenant = $1 order by id desc limit $2`,
  one: `select id, ${columns} from switch where tenant = $1 and id = $2 for update`,
  ask: `update switch set lift_asked_by = $3, lift_asked_at = $4
    where tenant = $1 and id = $2 and lifted_at is null`,
  lift: `update switch set lifted_by = $3, lifted_at = $4
    where tenant = $1 and id = $2 and lifted_at is null and lift_asked_by is not null
      and lower(lift_asked_by) <> all($5::text[]) returning id`,
  throwGlobally: `insert into global_switch (mode, reason, thrown_by, thrown_at) values ($1, $2, $3, $4) returning id`,
  openGlobally: `select id, mode, ${globally}, ${times} from global_switch where lifted_at is null order by id`,
  listGlobally: `select id, mode, ${globally}, ${times} from global_switch order by id desc limit $1`,
  oneGlobally: `select id, mode, ${globally}, ${times} from global_switch where id = $1 for update`,
  askGlobally: `update global_switch set lift_asked_by = $2, lift_asked_at = $3 where id = $1 and lifted_at is null`,
  liftGlobally: `update global_switch set lifted_by = $2, lifted_at = $3
    where id = $1 and lifted_at is null and lift_asked_by is not null
      and lower(lift_asked_by) <> all($4::text[]) returning id`,
} as const;

/** Null: of the whole installation. */
export type SwitchOwner = TenantId | null;

export interface NewSwitch {
  readonly mode: string;
  readonly scope: string;
  readonly subject: JsonObject;
  readonly reason: string;
  readonly by: string;
  /** Absent: a person throws it. */
  readonly trigger?: WatchKey & { readonly figures: JsonObject };
}

/** The number of the switch; it holds from this transaction's commit on. */
export async function throwSwitch(tx: Tx, owner: SwitchOwner, given: NewSwitch): Promise<number> {
  const { mode, scope, subject, reason, by, trigger } = given;
  if (owner === null) {
    const [row] = await tx.query<{ id: number }>(switchesSql.throwGlobally, [mode, reason, by, tx.now]);
    if (row === undefined) throw new Error('an insert returns its row');
    return row.id;
  }
  const id = await nextNumber(tx, owner, 'switch');
  const triggered =
    trigger === undefined ? [null, null, null] : [trigger.trigger, trigger.subject, JSON.stringify(trigger.figures)];
  const thrown = [owner, id, mode, scope, JSON.stringify(subject), reason, by, tx.now];
  await tx.query(switchesSql.throw, [...thrown, ...triggered]);
  return id;
}

/** Whether what the trigger threw about this still holds. */
export async function isTriggered(tx: Tx, tenant: TenantId, { trigger, subject }: WatchKey): Promise<boolean> {
  return (await tx.query(switchesSql.triggered, [tenant, trigger, subject])).length > 0;
}

/** All that holds for a tenant now, the whole installation's first; asked in one before each send. */
export async function openSwitches(tx: Tx, tenant: TenantId): Promise<SwitchRow[]> {
  const rows = await tx.query<SwitchRow>(switchesSql.openToAll, [tenant]);
  return rows.toSorted(
    (one, other) => Number(other.scope === 'global') - Number(one.scope === 'global') || one.id - other.id,
  );
}

/** Those about everybody. */
export function openGlobalSwitches(tx: Tx): Promise<SwitchRow[]> {
  return tx.query<SwitchRow>(switchesSql.openGlobally);
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

/** `own`: all names of theirs, lower case. False: nobody else has asked for it, or it is lifted already. */
export async function liftSwitch(
  tx: Tx,
  owner: SwitchOwner,
  id: number,
  { by, own }: { readonly by: string; readonly own: readonly string[] },
): Promise<boolean> {
  const lifted =
    owner === null
      ? await tx.query(switchesSql.liftGlobally, [id, by, tx.now, own])
      : await tx.query(switchesSql.lift, [owner, id, by, tx.now, own]);
  return lifted.length > 0;
}
