import { hash32 } from '../../kit/index.ts';
import type { Raw } from '../schema/field.ts';

/**
 * A run of records that the world made, computed when asked. Ids follow one
 * another from `firstId`; the times of last change never fall with the index.
 */
export interface Segment {
  readonly firstId: number;
  readonly count: number;
  /** Microseconds since 1970. */
  writeUs(index: number): number;
  createUs(index: number): number;
  /** Undefined where the world says nothing about the field. */
  value(index: number, field: string): Raw | undefined;
  /** Ids of this segment whose many2one points at a record; null where the world cannot tell. */
  children(field: string, parent: number): readonly number[] | null;
  /** Records that are gone by other ways than unlink. */
  isGone(index: number): boolean;
}

export interface SegmentParts<Item> {
  readonly firstId: number;
  readonly count: number | (() => number);
  item(index: number): Item;
  writeMs(index: number): number;
  createMs(item: Item, index: number): number;
  readonly values: Readonly<Record<string, (item: Item, index: number) => Raw>>;
  /** Values that the index alone tells, asked before `values`: searches look at these in every record. */
  readonly cheap?: Readonly<Record<string, (index: number) => Raw>>;
  children?(field: string, parent: number): readonly number[] | null;
  isGone?(index: number): boolean;
}

/** Keeps the last record at hand, because queries read several fields of one row in turn. */
export function segment<Item>(parts: SegmentParts<Item>): Segment {
  let lastIndex = -1;
  let last: Item | undefined;
  const item = (index: number): Item => {
    if (last === undefined || index !== lastIndex) {
      last = parts.item(index);
      lastIndex = index;
    }
    return last;
  };
  const { count } = parts;
  return {
    firstId: parts.firstId,
    get count() {
      return typeof count === 'number' ? count : count();
    },
    writeUs: (index) => fineTime(parts.writeMs(index)),
    createUs: (index) => Math.min(fineTime(parts.createMs(item(index), index)), fineTime(parts.writeMs(index))),
    value: (index, field) => {
      const cheap = parts.cheap?.[field];
      return cheap === undefined ? parts.values[field]?.(item(index), index) : cheap(index);
    },
    children: (field, parent) => parts.children?.(field, parent) ?? null,
    isGone: (index) => parts.isGone?.(index) ?? false,
  };
}

/** Records that stand in a list: look-ups and the like. */
export function listed(
  firstId: number,
  atMs: number,
  rows: readonly Readonly<Record<string, Raw>>[],
  ids?: readonly number[],
): readonly Segment[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const values = (from: number) =>
    Object.fromEntries(
      names.map((name) => [name, (_item: unknown, index: number) => rows[from + index]?.[name] ?? null]),
    );
  const base = { item: () => null, writeMs: () => atMs, createMs: () => atMs };
  if (ids === undefined) return [segment({ ...base, firstId, count: rows.length, values: values(0) })];
  return ids.map((id, at) => segment({ ...base, firstId: id, count: 1, values: values(at) }));
}

/**
 * Transactions of one second began at one moment within it: everything that a
 * mass update touched has the same microsecond, as PostgreSQL's now() gives.
 */
function fineTime(ms: number): number {
  const second = Math.floor(ms / 1000);
  return ms % 1000 === 0 ? second * 1_000_000 + (hash32(second) % 999_999) + 1 : ms * 1000;
}
