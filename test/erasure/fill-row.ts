import type { Db, SqlParam } from '../../src/store/index.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly allowed: string | null;
}

const columns = `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull and d.adbin is null and a.attidentity = '' as required,
    (select substring(pg_get_constraintdef(c.oid) from '''([^'']+)''') from pg_constraint c
     where c.conrelid = a.attrelid and c.contype = 'c' and c.conkey = array[a.attnum] limit 1) as allowed
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`;

/**
 * A row of any table: what is not said is what its type allows, numbers 1, so
 * that rows of one tenant refer to each other. For databases whose user passes
 * row-level security (PGlite).
 */
export async function fillRow(db: Db, table: string, values: Readonly<Record<string, SqlParam>>): Promise<void> {
  const all = await db.query<Column>(columns, [table]);
  const wanted = all.filter(({ name, required }) => required || values[name] !== undefined);
  const names = wanted.map(({ name }) => `"${name}"`);
  const places = wanted.map(({ name, type }, at) =>
    values[name] === undefined ? literal(wanted[at]) : `$${String(given(wanted, values, name))}${cast(type)}`,
  );
  const params = wanted.flatMap(({ name }) => (values[name] === undefined ? [] : [values[name]]));
  await db.query(`insert into "${table}" (${names.join(', ')}) values (${places.join(', ')})`, params);
}

const cast = (type: string): string => (type === 'jsonb' ? '::text::jsonb' : '');

function given(wanted: readonly Column[], values: Readonly<Record<string, SqlParam>>, name: string): number {
  return wanted.filter((column) => values[column.name] !== undefined).findIndex((column) => column.name === name) + 1;
}

function literal(column: Column | undefined): string {
  if (column === undefined) throw new Error('a column without a place');
  const { type, allowed } = column;
  if (allowed !== null) return `'${allowed}'`;
  if (type.endsWith('[]')) return `'{}'::${type}`;
  if (type === 'boolean') return 'false';
  if (type === 'bytea') return "'\\x01'::bytea";
  if (type === 'jsonb') return "'{}'::jsonb";
  if (type.startsWith('timestamp')) return 'now()';
  if (['integer', 'bigint', 'double precision', 'smallint'].includes(type)) return '1';
  return `'x'`;
}
