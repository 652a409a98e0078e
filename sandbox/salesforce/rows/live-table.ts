import type { FieldDef, Value } from '../schema/field.ts';
import type { Table } from './table.ts';

/** A record of an object that the platform keeps itself: shares, groups, permissions. */
export interface LiveRow {
  readonly id: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly deleted: boolean;
  /** By storage name; fields that are not named are null. */
  readonly values: Readonly<Record<string, Value>>;
}

/**
 * Records as they are at the moment of reading, in the order of their ids.
 * Nobody writes them; to the query engine all of them were changed lately.
 */
export function createLiveTable(object: string, read: () => readonly LiveRow[]): Table {
  let source: readonly LiveRow[] = [];
  let numbers: readonly number[] = [];
  let places = new Map<string, number>();
  const rows = (): readonly LiveRow[] => {
    const now = read();
    if (now === source && numbers.length === now.length) return now;
    source = now;
    numbers = now.map((_row, at) => at);
    places = new Map(now.map(({ id }, at) => [id.slice(0, 15), at]));
    return now;
  };
  const at = (row: number): LiveRow => {
    const found = source[row];
    if (found === undefined) throw new Error(`no row ${row} of ${object}`);
    return found;
  };
  const refuse = (): never => {
    throw new Error(`${object} cannot be written`);
  };
  return {
    object,
    baseCount: () => 0,
    rowCount: () => rows().length,
    liveCount: () => rows().filter(({ deleted }) => !deleted).length,
    id: (row) => at(row).id,
    rowOf: (id) => {
      rows();
      return places.get(id.slice(0, 15)) ?? null;
    },
    stamp: (row) => wholeSecond(at(row).modifiedMs),
    firstFrom: () => 0,
    isDeleted: (row) => at(row).deleted,
    value: (row, def) => valueOf(at(row), def),
    touched: () => {
      rows();
      return numbers;
    },
    isTouched: () => true,
    children: () => null,
    beforeChange: () => () => undefined,
    create: refuse,
    update: refuse,
    setDeleted: refuse,
    savepoint: refuse,
  };
}

function valueOf(row: LiveRow, { storage }: FieldDef): Value {
  switch (storage) {
    case 'Id':
      return row.id;
    case 'IsDeleted':
      return row.deleted;
    case 'CreatedDate':
      return wholeSecond(row.createdMs);
    case 'LastModifiedDate':
    case 'SystemModstamp':
      return wholeSecond(row.modifiedMs);
    default:
      return row.values[storage] ?? null;
  }
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
