import type { Tx } from '../../src/store/index.ts';

/** What programs rely on in a database. */
export interface SchemaFacts {
  /** Must stay as it is. */
  readonly kept: ReadonlySet<string>;
  /** Binds whoever writes to a table, so none may come to a table that is there already. By table. */
  readonly duties: ReadonlyMap<string, ReadonlySet<string>>;
}

const factsSql = `
  with tables as (
      select oid, relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'),
    columns as (
      select t.name as table, format('column %s.%s', t.name, a.attname) as name, a.atthasdef or a.attidentity <> '' as filled,
        a.attnotnull as required, format_type(a.atttypid, a.atttypmod) as type
      from pg_attribute a join tables t on t.oid = a.attrelid where a.attnum > 0 and not a.attisdropped),
    -- Statements that resolve conflicts name a key, and rows that break it are refused: it may neither go nor come.
    keys as (
      select t.name as table, pg_get_indexdef(i.indexrelid) as text
      from pg_index i join tables t on t.oid = i.indrelid where i.indisunique),
    policies as (
      select tablename as table, format('policy on %s: %s', tablename, qual) as text
      from pg_policies where schemaname = 'public')
  select name as table, 'kept' as kind, 'table ' || name as fact from tables
  union all select "table", 'kept', format('%s %s%s', name, type, case when required then ' not null' end) from columns
  union all select "table", 'kept', name || ' has a value of its own' from columns where filled
  union all select "table", 'duty', name || ' has to be given' from columns where required and not filled
  union all select "table", kind, text from keys, unnest(array['kept', 'duty']) kind
  union all select "table", kind, text from policies, unnest(array['kept', 'duty']) kind
  union all select t.name, 'duty', format('constraint on %s: %s', t.name, pg_get_constraintdef(c.oid))
    from pg_constraint c join tables t on t.oid = c.conrelid where c.contype in ('c', 'f')
  union all select t.name, 'duty', format('trigger on %s: %s', t.name, g.tgname)
    from pg_trigger g join tables t on t.oid = g.tgrelid where not g.tgisinternal
  union all select t.name, 'kept', format('gantry_app may %s %s', may, t.name)
    from tables t, unnest(array['select', 'insert', 'update', 'delete']) may
    where has_table_privilege('gantry_app', t.oid, may)`;

export async function schemaFacts(tx: Tx): Promise<SchemaFacts> {
  const rows = await tx.query<{ table: string; kind: 'kept' | 'duty'; fact: string }>(factsSql);
  const duties = new Map<string, Set<string>>();
  for (const { table, kind, fact } of rows) {
    const own = duties.get(table) ?? new Set<string>();
    duties.set(table, own);
    if (kind === 'duty') own.add(fact);
  }
  return { kept: new Set(rows.filter(({ kind }) => kind === 'kept').map(({ fact }) => fact)), duties };
}

/** What a program that was written for `before` can stumble over in `after`. */
export function schemaBreaks(before: SchemaFacts, after: SchemaFacts): string[] {
  const gone = [...before.kept].filter((fact) => !after.kept.has(fact)).map((fact) => `gone: ${fact}`);
  const added = [...before.duties].flatMap(([table, duties]) =>
    [...(after.duties.get(table) ?? [])].filter((duty) => !duties.has(duty)).map((duty) => `new: ${duty}`),
  );
  return [...gone, ...added];
}
