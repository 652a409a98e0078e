import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { QuarantineRow } from './quarantine.ts';

/** Values of one field that do not fit for one reason. Without the values. */
export interface QuarantineGroup {
  readonly stream: StreamId;
  readonly field: string;
  readonly reason: string;
  readonly count: number;
  /** Ids of a few of the records. */
  readonly examples: readonly string[];
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface QuarantineFilter {
  readonly tenant: TenantId;
  /** Null: of all streams, or fields. */
  readonly streams: readonly StreamId[] | null;
  readonly field: string | null;
}

export const quarantineGroupsSql = {
  groups: `select stream, field, reason, count(*)::int as count, min(at) as "firstAt", max(at) as "lastAt",
      (array_agg(ext_id order by at desc, ext_id))[1:$4::int] as examples
    from quarantine
    where tenant = $1 and ($2::int[] is null or stream = any($2)) and ($3::text is null or field = $3)
    group by stream, field, reason order by count(*) desc, stream, field, reason limit $5`,
  values: `select stream, ext_id as id, field, reason, value, schema_version as "schemaVersion", at from quarantine
    where tenant = $1 and ($2::int[] is null or stream = any($2)) and ($3::text is null or field = $3)
    order by at desc, stream, ext_id, field limit $4`,
} as const;

/** What does not fit, by field and reason; the most frequent first. */
export function quarantineGroups(
  tx: Tx,
  { tenant, streams, field }: QuarantineFilter,
  { examples, limit }: { readonly examples: number; readonly limit: number },
): Promise<QuarantineGroup[]> {
  const params = [tenant, streams, field, examples, limit];
  return tx.query<QuarantineGroup>(quarantineGroupsSql.groups, params);
}

/** Without the whole native value. */
export type QuarantinedValue = Omit<QuarantineRow, 'native'>;

/** The values themselves, newest first. */
export function quarantinedValues(
  tx: Tx,
  { tenant, streams, field }: QuarantineFilter,
  limit: number,
): Promise<QuarantinedValue[]> {
  return tx.query<QuarantinedValue>(quarantineGroupsSql.values, [tenant, streams, field, limit]);
}
