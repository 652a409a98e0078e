/**
 * SOQL text. Names come from describe answers only (checked there), values are
 * ids and stamps in the provider's own spelling.
 */

/** A place in change order: after this record. `stamp` is null where the object has none: ids alone give the order. */
export interface Place {
  readonly stamp: string | null;
  readonly id: string;
}

export interface Selection {
  readonly object: string;
  readonly fields: readonly string[];
  readonly stampField: string | null;
  readonly after: Place | null;
  /** Inclusive end; absent: up to now. */
  readonly upTo?: Place;
  /** A condition of ours beside the place; absent: all records. */
  readonly only?: string;
  readonly limit: number;
}

export function selectSoql(selection: Selection): string {
  const { object, fields, stampField, after, upTo, only, limit } = selection;
  const conditions = [
    ...(only === undefined ? [] : [only]),
    ...(after === null ? [] : [afterCondition(stampField, after)]),
    ...(upTo === undefined ? [] : [upToCondition(stampField, upTo)]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = stampField === null ? 'Id' : `${stampField}, Id`;
  return `SELECT ${fields.join(', ')} FROM ${object}${where} ORDER BY ${order} LIMIT ${String(limit)}`;
}

/**
 * All records of a window of changes, in no order: for a bulk job, whose
 * results are in none, and which an ORDER BY would only slow down. `fields`
 * null: how many there are.
 */
export function bulkSoql(window: {
  readonly object: string;
  readonly stampField: string;
  readonly fields: readonly string[] | null;
  readonly since: string | null;
  readonly upTo: string | null;
}): string {
  const { object, stampField, fields, since, upTo } = window;
  const conditions = [
    ...(since === null ? [] : [`${stampField} >= ${since}`]),
    ...(upTo === null ? [] : [`${stampField} <= ${upTo}`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${fields === null ? 'COUNT()' : fields.join(', ')} FROM ${object}${where}`;
}

/** Records by id, at most as many as fit into one address. */
export const idsSoql = (object: string, fields: readonly string[], ids: readonly string[]): string =>
  `SELECT ${fields.join(', ')} FROM ${object} WHERE Id IN (${ids.map(quoted).join(',')})`;

/** Rows in the order of their ids, after one of them (null: from the first). */
export function rowsSoql(rows: {
  readonly object: string;
  readonly fields: readonly string[];
  readonly only: string | null;
  readonly after: string | null;
  readonly limit: number;
}): string {
  const conditions = [
    ...(rows.only === null ? [] : [rows.only]),
    ...(rows.after === null ? [] : [`Id > ${quoted(rows.after)}`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${rows.fields.join(', ')} FROM ${rows.object}${where} ORDER BY Id LIMIT ${String(rows.limit)}`;
}

/** One of these values. */
export const inSoql = (field: string, values: readonly string[]): string =>
  `${field} IN (${values.map(quoted).join(',')})`;

/** Ids with their stamps, by id. */
export const stampsSoql = (object: string, stampField: string | null, after: string | null, limit: number): string =>
  `SELECT ${stampField === null ? 'Id' : `Id, ${stampField}`} FROM ${object}${after === null ? '' : ` WHERE Id > ${quoted(after)}`} ORDER BY Id LIMIT ${String(limit)}`;

function afterCondition(stampField: string | null, { stamp, id }: Place): string {
  if (stampField === null || stamp === null) return `Id > ${quoted(id)}`;
  // No id: everything from that stamp on, the stamp itself included.
  if (id === '') return `${stampField} >= ${stamp}`;
  return `(${stampField} > ${stamp} OR (${stampField} = ${stamp} AND Id > ${quoted(id)}))`;
}

function upToCondition(stampField: string | null, { stamp, id }: Place): string {
  if (stampField === null || stamp === null) return `Id <= ${quoted(id)}`;
  return `(${stampField} < ${stamp} OR (${stampField} = ${stamp} AND Id <= ${quoted(id)}))`;
}

/** A string literal with the escapes of the SOQL reference. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** A stamp as SOQL writes dates: UTC with a Z, because a plus sign would have to be escaped in an address. */
export const soqlStamp = (time: Date): string => time.toISOString();

/** Percent-encoding that leaves what a query string may contain as it is: field lists stay a third shorter. */
export const encodedSoql = (soql: string): string =>
  encodeURIComponent(soql).replaceAll('%20', '+').replaceAll('%2C', ',').replaceAll('%3A', ':');

/**
 * Field names in groups whose lists fit into one address each. Salesforce
 * refuses a URI and headers beyond 16,384 bytes together (help article
 * 000386264), long before SOQL's own limit of 100,000 characters.
 */
export function fieldGroups(names: readonly string[], bytesMax = FIELD_LIST_BYTES_MAX): string[][] {
  const groups: string[][] = [[]];
  let size = 0;
  for (const name of names) {
    // Comma and encoded space.
    const bytes = name.length + 2;
    if (size + bytes > bytesMax && size > 0) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(name);
    size += bytes;
  }
  return groups;
}

/** Leaves 4 kB for the conditions and the path, and 4 kB for headers: session tokens can be 2 kB long. */
const FIELD_LIST_BYTES_MAX = 8_000;
