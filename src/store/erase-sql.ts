/** Parts of the statements that count and erase: `$1` is the tenant, `$2` the person's records, users or texts. */

export const ofRecords = `(select (r ->> 0)::int, r ->> 1 from jsonb_array_elements($2::text::jsonb) r)`;
export const named = `(stream, ext_id) in ${ofRecords}`;
export const ofUsers = 'principal = any($2::text[])';

export const says = (text: string): string =>
  `exists (select 1 from unnest($2::text[]) t where position(t in lower(${text})) > 0)`;

/** As a text stands in JSON: without the quotes, with what is escaped in it. */
const spelled = (text: string): string => `substr(to_json(${text})::text, 2, length(to_json(${text})::text) - 2)`;
export const saysIn = (json: string): string =>
  `exists (select 1 from unnest($2::text[]) t where position(${spelled('t')} in lower((${json})::text)) > 0)`;

interface Named {
  readonly connection: string;
  readonly slug: string;
  readonly object: string;
}

/**
 * The records by names, for what does not know our numbers of objects. Streams
 * go with their connection while plans and the audit stay: a connection that
 * was deleted counts by what is left of it, where the record was named by it or
 * it was connected to the same account.
 */
const byNames = (columns: (names: Named) => string): string => {
  const live = columns({ connection: 'c.id', slug: 'c.slug', object: 's.object' });
  const gone = (object: string): string => columns({ connection: 'd.id', slug: 'd.slug', object });
  const each = 'jsonb_array_elements($2::text::jsonb) r';
  const ofStream = `from stream s join connection c on c.tenant = s.tenant and c.id = s.connection
    join ${each} on s.id = (r ->> 0)::int`;
  return `(select ${live} ${ofStream} where s.tenant = $1 and c.tenant = $1
    union all select ${gone('o.object')} from deleted_connection d
      cross join lateral unnest(d.streams, d.objects) as o(stream, object)
      join ${each} on o.stream = (r ->> 0)::int where d.tenant = $1
    union all select ${gone('s.object')} ${ofStream}
      join deleted_connection d on d.tenant = c.tenant and d.provider = c.provider and d.account_id = c.account_id
        and s.object = any(d.objects)
      where s.tenant = $1 and c.tenant = $1 and d.tenant = $1)`;
};

/** As operators and providers name records: by connection and object. */
export const told = (name: string): string =>
  `(connection, object, ${name}) in ${byNames(({ connection, object }) => `${connection}, ${object}, r ->> 1`)}`;
/** As agents name them and the audit keeps them: `crm/Contact/0031x00000AbCdE`, ids with slashes as they are. */
export const fullNames = byNames(({ slug, object }) => `${slug} || '/' || ${object} || '/' || (r ->> 1)`);
/** So many characters of an id are no number or word that stands there by chance. */
const ID_CHARS = 8;
const isLong = `length(r ->> 1) >= ${String(ID_CHARS)}`;
/** Null where the id alone is looked for: it is in the name. */
const shortNames = byNames(
  ({ slug, object }) => `case when not ${isLong} then ${slug} || '/' || ${object} || '/' || (r ->> 1) end`,
);
/**
 * What is looked for in a JSON text. An array of a query of its own, which is asked once and not for every entry: of
 * large tenants each entry is looked at.
 */
const wanted = `array(
    select ${spelled('(r ->> 1)')} from jsonb_array_elements($2::text::jsonb) r where ${isLong}
    union select '"' || ${spelled('n')} || ending from unnest(array${shortNames}) n, unnest(array['"', '\\"']) ending
      where n is not null)`;
/** Whether one of them is a text in this JSON, or in a text that is JSON itself, or its id alone stands anywhere. */
export const namesRecord = (json: string): string =>
  `exists (select 1 from unnest(${wanted}) w where position(w in ${json}) > 0)`;

export const count = (table: string, where: string): string =>
  `select count(*)::int as n from ${table} where tenant = $1 and ${where}`;
export const gone = (table: string, where: string): string =>
  `delete from ${table} where tenant = $1 and ${where} returning 1 as gone`;
export const emptied = (table: string, set: string, where: string): string =>
  `update ${table} set ${set} where tenant = $1 and ${where} returning 1 as gone`;
