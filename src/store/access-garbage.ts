import { lockAccess } from './access-connections.ts';
import type { AccessKey } from './access-classes.ts';
import type { Tx } from './db.ts';

/** Access classes that nothing has any more: no record, and no earlier version of one. */
export const accessGarbageSql = {
  highest: 'select coalesce(max(id), 0) as id from access_class where tenant = $1 and connection = $2',
  unused: `with streams as materialized (select id from stream where tenant = $1 and connection = $2),
    used as materialized (
      select acl as id from record where tenant = $1 and stream in (select id from streams) and acl is not null
      union
      select acl_own from record where tenant = $1 and stream in (select id from streams) and acl_own is not null
      union
      select acl from record_history where tenant = $1 and stream in (select id from streams) and acl is not null)
    select id from access_class c where tenant = $1 and connection = $2
      and not exists (select 1 from used u where u.id = c.id) order by id`,
  drop: 'delete from access_class where tenant = $1 and connection = $2 and id = any($3::int[])',
} as const;

/** The highest number that is in use: how far it has moved tells how much there may be to collect. */
export async function highestClass(tx: Tx, { tenant, connection }: AccessKey): Promise<number> {
  return (await tx.query<{ id: number }>(accessGarbageSql.highest, [tenant, connection]))[0]?.id ?? 0;
}

/** Looks through all records of the connection. */
export async function unusedClasses(tx: Tx, { tenant, connection }: AccessKey): Promise<number[]> {
  return (await tx.query<{ id: number }>(accessGarbageSql.unused, [tenant, connection])).map(({ id }) => id);
}

/**
 * Under the connection's lock: whoever gives a record its class holds that, too,
 * so that no class goes that somebody is about to give. Numbers are not used
 * again. Returns how many went.
 */
export async function dropUnusedClasses(tx: Tx, key: AccessKey): Promise<number> {
  if ((await lockAccess(tx, key)) === null) return 0;
  const unused = await unusedClasses(tx, key);
  if (unused.length > 0) await tx.query(accessGarbageSql.drop, [key.tenant, key.connection, unused]);
  return unused.length;
}
