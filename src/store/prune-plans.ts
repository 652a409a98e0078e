import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** Tables with rows of a plan, beside its own: a test compares them with the database. */
export const planTables = [
  'write',
  'write_content',
  'write_attempt',
  'write_request',
  'write_take_back',
  'approval',
  'approval_case',
  'policy_spent',
] as const;

/**
 * A plan goes as a whole, once it ended before `$2` and nothing needs it any
 * more: no entry of the audit tells of it, nobody is to decide about it or to
 * look at it, and whatever takes it back has ended as long ago.
 */
export const prunePlansSql = {
  old: `with old as materialized (
      select p.id, p.records, p.created_at from write_plan p
      where p.tenant = $1 and p.created_at < $2 and p.ended_at < $2
        and p.id <> all(array(select u.undoes from write_plan u
          where u.tenant = $1 and u.undoes is not null and coalesce(u.ended_at >= $2, true)
          union all select jsonb_array_elements_text(u.content->'undoesAll') from write_plan u
          where u.tenant = $1 and u.content ? 'undoesAll' and coalesce(u.ended_at >= $2, true)))
        and p.id <> all(array(select a.plan from approval a where a.tenant = $1 and a.decided_at is null))
        and not exists (select from audit_payload e where e.tenant = $1 and e.plan = p.id)
      order by p.created_at limit $3 for update skip locked)
    select id from (
      select id, sum(records) over (order by created_at, id) - records as before from old) counted
    where before < $4`,
  attempts: `with gone as (delete from write_attempt where tenant = $1 and plan = any($2::text[]) returning sending)
    delete from write_sending where tenant = $1 and ended_at < $3 and id in (select sending from gone)`,
  contents: 'delete from write_content where tenant = $1 and plan = any($2::text[])',
  writes: 'delete from write where tenant = $1 and plan = any($2::text[])',
  takenBack: 'delete from write_take_back where tenant = $1 and plan = any($2::text[])',
  spent: 'delete from policy_spent where tenant = $1 and plan = any($2::text[])',
  links: `delete from approval_link where tenant = $1
      and approval in (select id from approval where tenant = $1 and plan = any($2::text[]))`,
  // With their approvals and these with their messages.
  cases: 'delete from approval_case where tenant = $1 and plan = any($2::text[])',
  // With the keys of requests.
  plans: 'delete from write_plan where tenant = $1 and id = any($2::text[])',
} as const;

/** Plans in one transaction, and writes of all of them but the last. */
const PLANS_AT_ONCE = 100;

/** Removes plans that ended before `before`, oldest first, with all that is kept of them. Returns how many; 0: none is left. */
export async function prunePlans(
  tx: Tx,
  { tenant, before, limit }: { readonly tenant: TenantId; readonly before: Date; readonly limit: number },
): Promise<number> {
  const rows = await tx.query<{ id: string }>(prunePlansSql.old, [tenant, before, PLANS_AT_ONCE, limit]);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await tx.query(prunePlansSql.attempts, [tenant, ids, before]);
  const { contents, writes, takenBack, spent, links, cases, plans } = prunePlansSql;
  for (const text of [contents, writes, takenBack, spent, links, cases, plans]) await tx.query(text, [tenant, ids]);
  return ids.length;
}
