import type { Org } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';

/** Live records by the value of a text or number field, without regard to case. */
export interface ValueIndexes {
  /** Rows whose field has this value, ascending; deleted ones are left out. */
  find(object: string, field: FieldDef, value: string): readonly number[];
}

interface ValueIndex {
  readonly byValue: Map<string, Set<number>>;
  readonly byRow: Map<number, string>;
  readonly changed: Set<number>;
}

/** Made when a field is first asked for, and kept up to date by what changes. */
export function createValueIndexes(org: Pick<Org, 'table'>): ValueIndexes {
  const indexes = new Map<string, ValueIndex>();

  const file = (index: ValueIndex, object: string, field: FieldDef, row: number): void => {
    const table = org.table(object);
    const before = index.byRow.get(row);
    if (before !== undefined) index.byValue.get(before)?.delete(row);
    index.byRow.delete(row);
    if (row >= table.rowCount() || table.isDeleted(row)) return;
    const value = table.value(row, field);
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return;
    const key = String(value).toLowerCase();
    index.byRow.set(row, key);
    const rows = index.byValue.get(key) ?? new Set<number>();
    index.byValue.set(key, rows.add(row));
  };
  const indexOf = (object: string, field: FieldDef): ValueIndex => {
    const name = `${object}.${field.storage}`;
    const known = indexes.get(name);
    if (known !== undefined) return known;
    const table = org.table(object);
    const fresh: ValueIndex = { byValue: new Map(), byRow: new Map(), changed: new Set() };
    for (let row = 0; row < table.rowCount(); row += 1) file(fresh, object, field, row);
    table.beforeChange((row) => fresh.changed.add(row));
    indexes.set(name, fresh);
    return fresh;
  };
  return {
    find: (object, field, value) => {
      const index = indexOf(object, field);
      for (const row of index.changed) file(index, object, field, row);
      index.changed.clear();
      return [...(index.byValue.get(value.toLowerCase()) ?? [])].toSorted((a, b) => a - b);
    },
  };
}
