import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** What is looked for; each null: whatever it is. */
export interface AuditSearch {
  /** A whole reference, or a record's id alone. */
  readonly record: string | null;
  /** Part of a record's name, in lower case. */
  readonly label: string | null;
  readonly agent: string | null;
  /** A user whom an agent acted for, or an operator. */
  readonly person: string | null;
  readonly plan: string | null;
  readonly connection: string | null;
  readonly object: string | null;
  readonly model: string | null;
  readonly kinds: readonly string[] | null;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly amountFrom: number | null;
  readonly amountTo: number | null;
}

export interface FoundAudit {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  /** Null: erased. */
  readonly body: string | null;
}

export const auditSearchSql = {
  // A condition whose parameter is null is dropped when the statement is planned, as its values are known then.
  search: `select p.seq, p.at, p.kind, p.body from audit_payload p
    where p.tenant = $1 and ($2::bigint is null or p.seq < $2)
      and ($3::text is null or p.record = $3 or p.record_key = $3)
      and ($4::text is null or p.label like $4)
      and ($5::text is null or p.agent = $5)
      and ($6::text is null or p.principal = $6 or p.operator = $6)
      and ($7::text is null or p.plan = $7)
      and ($8::text is null or p.connection = $8)
      and ($9::text is null or p.object = $9)
      and ($10::text is null or p.model = $10)
      and ($11::text[] is null or p.kind = any($11))
      and ($12::timestamptz is null or p.at >= $12)
      and ($13::timestamptz is null or p.at < $13)
      and ($14::double precision is null or p.amount >= $14)
      and ($15::double precision is null or p.amount <= $15)
    order by p.seq desc limit $16`,
} as const;

/** The newest first, before `before` (null: from the end). */
export function searchAuditRows(
  tx: Tx,
  tenant: TenantId,
  search: AuditSearch,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<FoundAudit[]> {
  const { record, label, agent, person, plan, connection, object, model } = search;
  const { kinds, from, to, amountFrom, amountTo } = search;
  return tx.query<FoundAudit>(auditSearchSql.search, [
    tenant,
    before,
    record,
    label === null ? null : `%${label.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
    agent,
    person,
    plan,
    connection,
    object,
    model,
    kinds,
    from,
    to,
    amountFrom,
    amountTo,
    limit,
  ]);
}
