import type { DerivedFeed, ViewPart } from '../catalogue.ts';
import { partSelect } from '../part-select.ts';

/**
 * How one stream's records get into a table of keys, all at once or some of
 * them: `part`, then `fixed` and `values` (over alias `r`), then `id`.
 */
export function feedSql(
  table: string,
  part: ViewPart,
  {
    at,
    fixed = [],
    values,
    wanted,
  }: {
    readonly at: number;
    readonly fixed?: readonly string[];
    readonly values: readonly string[];
    readonly wanted: ReadonlySet<string>;
  },
): DerivedFeed {
  const columns = [String(at), ...fixed, 'r."_id"', ...values].join(', ');
  const keysOf = (from: string): string => `select ${columns} from (${partSelect({ ...part, from }, wanted)}) r`;
  // The records are picked before their keys are made: that is the dear part.
  const fresh = keysOf(`(select * from ${part.from} where "_id" in (select unnest($1::varchar[])))`);
  const ofThese = `from ${table} where part = ${at} and id in (select unnest($1::varchar[]))`;
  return {
    stream: part.stream,
    fill: `insert into ${table} ${keysOf(part.from)}`,
    differs:
      `with fresh as materialized (${fresh}), known as materialized (select * ${ofThese}) ` +
      'select 1 from ((from fresh except from known) union all (from known except from fresh)) limit 1',
    replace: [`delete ${ofThese}`, `insert into ${table} ${fresh}`],
  };
}
