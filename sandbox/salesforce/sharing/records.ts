import type { Table } from '../rows/table.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';

/** What sharing needs of an org's records. */
export interface RecordParts {
  readonly schema: Schema;
  table(object: string): Table;
}

export interface Place {
  readonly object: string;
  readonly row: number;
}

/** Owners and parents of records, kept at hand: reading them from the world costs more than everything else. */
export interface Records {
  count(object: string): number;
  id(object: string, row: number): string;
  isDeleted(object: string, row: number): boolean;
  value(object: string, row: number, storage: string): Value;
  owner(object: string, row: number): string | null;
  /** The record that a look-up field points at; null where there is none. */
  parent(object: string, row: number, storage: string): Place | null;
  locate(id: string): Place | null;
  /** The record was changed: nothing of it may be kept. */
  forget(object: string, row: number): void;
}

export function createRecords({ schema, table }: RecordParts): Records {
  const texts = new Map<string, Map<number, string | null>>();
  const field = (object: ObjectDef | undefined, storage: string): FieldDef | undefined =>
    object?.fields.find((one) => one.storage === storage);
  const value = (object: string, row: number, storage: string): Value => {
    const def = field(schema.object(object), storage);
    return def === undefined ? null : table(object).value(row, def);
  };
  const text = (object: string, row: number, storage: string): string | null => {
    const key = `${object}.${storage}`;
    const kept = texts.get(key) ?? new Map<number, string | null>();
    texts.set(key, kept);
    const known = kept.get(row);
    if (known !== undefined) return known;
    const read = value(object, row, storage);
    const fresh = typeof read === 'string' ? read : null;
    kept.set(row, fresh);
    return fresh;
  };
  const locate = (id: string): Place | null => {
    const object = schema.byPrefix(id.slice(0, 3));
    const row = object === undefined ? null : table(object.name).rowOf(id);
    return object === undefined || row === null ? null : { object: object.name, row };
  };
  return {
    count: (object) => table(object).rowCount(),
    id: (object, row) => table(object).id(row),
    isDeleted: (object, row) => table(object).isDeleted(row),
    value,
    owner: (object, row) => text(object, row, 'OwnerId'),
    parent: (object, row, storage) => {
      const id = text(object, row, storage);
      return id === null ? null : locate(id);
    },
    locate,
    forget: (object, row) => {
      for (const [key, kept] of texts) if (key.startsWith(`${object}.`)) kept.delete(row);
    },
  };
}
