import { rewriteSql } from '../derived/rewrite-sql.ts';

/**
 * Which records are the same thing. Key by key, the strongest first, groups
 * (at first each record alone) grow together:
 *
 * - a value joins records where each connection has it at most once; one that
 *   two records of a system share does not tell things apart, and is not used;
 * - two records that both have a stronger key, and differ in it, are not joined
 *   by a weaker one;
 * - what a key joins is taken together, step by step (A with B, B with C). If
 *   two records of one connection would meet in a group, that key joins none
 *   of its records: nobody could say which of them are the same.
 *
 * The result does not depend on the order of anything but the keys.
 */
export function groupSql(shape: {
  /** Quoted tables. */
  readonly keys: string;
  readonly groups: string;
  readonly keyColumns: readonly string[];
  readonly memberColumns: readonly string[];
  readonly connections: number;
}): readonly string[] {
  const { keys, groups, memberColumns } = shape;
  const members = memberColumns.map((name, part) => `max(k.id) filter (where k.part = ${part}) as ${name}`);
  const next = `select ${members.join(', ')} from ${t('g')} g join ${keys} k on k.rowid = g.n group by g.g having count(*) > 1`;
  // One small statement per step: in a single large one DuckDB guesses sizes, and was seen to join everything with everything.
  return [
    // Record `n` (a row of `keys`) is in group `g` (the number of one of its records); records alone are not there.
    temp('g', 'select 0::bigint as n, 0::bigint as g where false'),
    ...shape.keyColumns.flatMap((_, round) => roundSql(shape, round)),
    ...rewriteSql(groups, memberColumns, next),
    ...['g', 'candidate', 'edge', 'link', 'label', 'member', 'refused'].map((name) => `drop table ${t(name)}`),
  ];
}

const t = (name: string): string => `temp._merge_${name}`;
const temp = (name: string, select: string): string => `create or replace temp table _merge_${name} as ${select}`;

/** How many connections there are. Counting bits spares a table of what was seen for each group: a fifth of the whole work. */
const distinct = (column: string, connections: number): string =>
  connections <= 63 ? `bit_count(bit_or(1::bigint << ${column}))` : `count(distinct ${column})`;

/** Groups grow by one key. */
function roundSql({ keys, keyColumns, connections }: Parameters<typeof groupSql>[0], round: number): readonly string[] {
  const key = keyColumns[round] ?? '';
  const columns = keyColumns.slice(0, round + 1);
  const stronger = columns.slice(0, round).map((name) => ` and coalesce(a.${name} = b.${name}, true)`);
  return [
    temp(
      'candidate',
      `select rowid as n, conn, ${columns.join(', ')} from ${keys} where ${key} in (select ${key} from ${keys} ` +
        `where ${key} is not null group by ${key} having count(*) > 1 and count(*) = ${distinct('conn', connections)})`,
    ),
    temp(
      'edge',
      `select a.n as a, b.n as b from ${t('candidate')} a join ${t('candidate')} b on a.${key} = b.${key} where a.conn < b.conn${stronger.join('')}`,
    ),
    // Between groups, both ways.
    temp(
      'link',
      `with one as (select distinct coalesce(x.g, e.a) as a, coalesce(y.g, e.b) as b from ${t('edge')} e ` +
        `left join ${t('g')} x on x.n = e.a left join ${t('g')} y on y.n = e.b) ` +
        'select a, b from one where a <> b union select b, a from one where a <> b',
    ),
    // The lowest number that reaches a group, in as many steps as a group with one record of each connection can be long.
    temp('label', `select distinct a as v, a as l from ${t('link')}`),
    ...Array.from({ length: connections - 1 }, () =>
      temp(
        'label',
        `select v, min(l) as l from (select v, l from ${t('label')} union all ` +
          `select s.a, x.l from ${t('link')} s join ${t('label')} x on x.v = s.b) group by v`,
      ),
    ),
    temp(
      'member',
      `select n, g from ${t('g')} union all select v, v from ${t('label')} anti join ${t('g')} o on o.g = v`,
    ),
    // Labels that go on beyond those steps, and those that two records of one connection have.
    temp(
      'refused',
      `select x.l from (select s.a as v, min(y.l) as low, max(y.l) as high from ${t('link')} s ` +
        `join ${t('label')} y on y.v = s.b group by s.a) n join ${t('label')} x on x.v = n.v where n.low <> x.l or n.high <> x.l ` +
        `union select l.l from ${t('label')} l join ${t('member')} r on r.g = l.v join ${keys} k on k.rowid = r.n ` +
        `group by l.l having count(*) > ${distinct('k.conn', connections)}`,
    ),
    temp(
      'g',
      `select r.n, coalesce(l.l, r.g) as g from ${t('member')} r ` +
        `left join (select v, l from ${t('label')} where l not in (select l from ${t('refused')})) l on l.v = r.g`,
    ),
  ];
}
