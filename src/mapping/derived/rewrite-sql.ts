/** Statements that make `target` hold what `select` gives. Only what differs is written: most is as it was. */
export function rewriteSql(target: string, columns: readonly string[], select: string): readonly string[] {
  const same = columns.map((name) => `x.${name} is not distinct from y.${name}`).join(' and ');
  return [
    `create or replace temp table _derived_next as ${select}`,
    `delete from ${target} where rowid in (select x.rowid from ${target} x anti join temp._derived_next y on ${same})`,
    `insert into ${target} (from temp._derived_next except from ${target})`,
    'drop table temp._derived_next',
  ];
}
