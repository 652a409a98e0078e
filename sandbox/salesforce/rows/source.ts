import type { Value } from '../schema/field.ts';

/**
 * The records that an object has from the world, computed when asked. Rows
 * count from 0; ids and modification times grow with the row.
 */
export interface BaseSource {
  readonly count: number;
  /** Milliseconds since 1970. */
  createdMs(row: number): number;
  modifiedMs(row: number): number;
  /** Value of a field by storage name; undefined where the world says nothing. */
  value(row: number, storage: string): Value | undefined;
  /** Rows whose look-up field points at a record; null when there is no such index. */
  children(storage: string, parentId: string): readonly number[] | null;
}

export const emptySource: BaseSource = {
  count: 0,
  createdMs: () => 0,
  modifiedMs: () => 0,
  value: () => undefined,
  children: () => [],
};

type Getters<Item> = Readonly<Record<string, (item: Item, row: number) => Value>>;

export interface SourceParts<Item extends { readonly createdAt: Date }> {
  readonly count: number;
  item(row: number): Item;
  modifiedMs(row: number): number;
  readonly values: Getters<Item>;
  children?(storage: string, parentId: string): readonly number[] | null;
}

/** Keeps the last record at hand, because queries read several fields of one row in turn. */
export function source<Item extends { readonly createdAt: Date }>(parts: SourceParts<Item>): BaseSource {
  let lastRow = -1;
  let last: Item | null = null;
  const item = (row: number): Item => {
    if (last === null || row !== lastRow) {
      last = parts.item(row);
      lastRow = row;
    }
    return last;
  };
  return {
    count: parts.count,
    createdMs: (row) => item(row).createdAt.getTime(),
    modifiedMs: (row) => parts.modifiedMs(row),
    value: (row, storage) => parts.values[storage]?.(item(row), row),
    children: (storage, parentId) => parts.children?.(storage, parentId) ?? null,
  };
}

/** The calendar day of a time, as the platform writes dates. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
