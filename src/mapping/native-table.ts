import type { NativeField } from '../schema/index.ts';
import { lensMetaColumns, type LensColumn, type LensTable, type TenantStream } from './catalogue.ts';
import { cleanLabel } from './clean-text.ts';
import { decimalScaleMax, duckTypeOf } from './kind.ts';
import { quoteName } from './sql-text.ts';

/** A stream's table in the lens, with each column's native field. */
export interface NativeTable {
  readonly stream: TenantStream;
  readonly table: LensTable;
  /** `"crm"."Opportunity"` */
  readonly relation: string;
  /** `crm.Opportunity` */
  readonly name: string;
  /** By native field name, in the order of discovery. */
  readonly columns: ReadonlyMap<string, NativeColumn>;
}

export interface NativeColumn extends LensColumn {
  readonly field: NativeField;
}

/** Columns of ours, DuckDB's pseudo column, and what access and answers add. */
const reservedColumns = [...lensMetaColumns, '_acl', '_ref', 'rowid'];
/** Schemas that exist in a lens file or in DuckDB before any connection's. */
const reservedSchemas = [
  'model',
  'main',
  'temp',
  'system',
  '_gantry',
  '_derived',
  'gantry',
  'information_schema',
  'pg_catalog',
];

/** Tables of all streams, in the order of connections and native names, so that equal inputs give equal names. */
export function nativeTables(streams: readonly TenantStream[]): NativeTable[] {
  const slugs = [...new Set(streams.map((stream) => stream.connectionSlug))].toSorted();
  const schemas = uniqueNames(slugs, reservedSchemas);
  return slugs.flatMap((slug) => {
    const own = streams
      .filter((stream) => stream.connectionSlug === slug)
      .toSorted((a, b) => order(a.object.name, b.object.name) || a.stream - b.stream);
    const names = uniqueNames(
      own.map((stream) => stream.object.name),
      [],
    );
    return own.map((stream, index) => nativeTable(stream, schemas.at(slugs.indexOf(slug)) ?? slug, names[index] ?? ''));
  });
}

function nativeTable(stream: TenantStream, schema: string, name: string): NativeTable {
  const { fields } = stream.object;
  // The provider's own fields keep their names when a custom one differs in case only.
  const ranked = fields.toSorted((a, b) => Number(a.custom) - Number(b.custom) || order(a.name, b.name));
  const names = uniqueNames(
    ranked.map((field) => field.name),
    reservedColumns,
  );
  const nameOf = new Map(ranked.map((field, index) => [field.name, names[index] ?? field.name]));
  const columns = new Map<string, NativeColumn>();
  for (const field of fields) {
    if (columns.has(field.name)) continue;
    const duckType = duckTypeOf(field.type, scaleOf(field));
    columns.set(field.name, { name: nameOf.get(field.name) ?? field.name, key: field.name, duckType, field });
  }
  const table: LensTable = {
    stream: stream.stream,
    schema,
    name,
    columns: [...columns.values()].map((column) => ({
      name: column.name,
      key: column.key,
      duckType: column.duckType,
    })),
  };
  return { stream, table, relation: `${quoteName(schema)}.${quoteName(name)}`, name: `${schema}.${name}`, columns };
}

const scaleOf = ({ scale }: NativeField): number | null =>
  scale === undefined ? null : Math.min(scale, decimalScaleMax + 1);

/**
 * Names that differ by more than case, since DuckDB folds it: the first keeps
 * its own, later ones and reserved ones get `_2`, `_3` ...
 */
export function uniqueNames(wanted: readonly string[], reserved: readonly string[]): string[] {
  const fold = (name: string): string => name.toLowerCase();
  const taken = new Set(reserved.map(fold));
  // A suffix never takes a name that a later field has by itself.
  const own = new Set(wanted.map((name) => fold(cleanLabel(name))));
  return wanted.map((name) => {
    const base = cleanLabel(name) || 'unnamed';
    let candidate = base;
    for (let count = 2; taken.has(fold(candidate)) || (candidate !== base && own.has(fold(candidate))); count += 1) {
      candidate = `${base}_${count}`;
    }
    taken.add(fold(candidate));
    return candidate;
  });
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
