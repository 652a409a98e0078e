import { parseSalesforceId } from '../../world/index.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import { createOverlays, newOverlay, type Overlay, type WriteStamp } from './overlay.ts';
import { createJournal, type Savepoint } from './journal.ts';
import { createReader, wholeSecond } from './reader.ts';
import type { BaseSource } from './source.ts';

/** All records of one object: the world's, and over them what happened since. */
export interface Table {
  readonly object: string;
  /** Rows that the world made; rows from here on were created later. */
  baseCount(): number;
  rowCount(): number;
  liveCount(): number;
  id(row: number): string;
  /** Row of an id of 15 or 18 characters; null when there is no such record. */
  rowOf(id: string): number | null;
  /** Modification time in ms since 1970, whole seconds. */
  stamp(row: number): number;
  /** First base row whose world time is at or after `ms`. */
  firstFrom(ms: number): number;
  isDeleted(row: number): boolean;
  value(row: number, def: FieldDef): Value;
  /** Rows that were changed or created since, ascending. */
  touched(): readonly number[];
  isTouched(row: number): boolean;
  /** Untouched base rows that point at a parent by a look-up field; null without an index. */
  children(storage: string, parentId: string): readonly number[] | null;
  /** Calls the listener before a row is created, changed, deleted or restored; the returned function ends that. */
  beforeChange(listener: (row: number) => void): () => void;
  create(values: ReadonlyMap<string, Value>, by: WriteStamp): number;
  update(row: number, values: ReadonlyMap<string, Value>, by: WriteStamp): void;
  setDeleted(row: number, deleted: boolean, by: WriteStamp): void;
  /** How the records stand now, to come back to it; the last one that was taken ends first. */
  savepoint(): Savepoint;
}

export interface TableParts {
  readonly object: string;
  readonly prefix: string;
  readonly source: BaseSource;
  readonly seed: number;
  readonly anchorMs: number;
  readonly userCount: number;
  /** A field by its storage name, for what is computed from others. */
  fieldByStorage(storage: string): FieldDef | undefined;
}

export function createTable(parts: TableParts): Table {
  const { source, object } = parts;
  const overlays = createOverlays();
  const reader = createReader(parts, overlays);
  const listeners = new Set<(row: number) => void>();
  let created = 0;
  const journal = createJournal();
  const tell = (row: number): void => {
    for (const listener of listeners) listener(row);
  };

  const touch = (row: number, by: WriteStamp): Overlay => {
    tell(row);
    const before = overlays.get(row);
    const copy = before === undefined ? undefined : { ...before, values: new Map(before.values) };
    journal.note(() => {
      tell(row);
      overlays.restore(row, copy);
    });
    const overlay = before ?? reader.untouched(row);
    overlays.put(row, overlay);
    overlay.modifiedMs = by.nowMs;
    overlay.modifiedBy = by.userId;
    return overlay;
  };

  return {
    object,
    baseCount: () => source.count,
    rowCount: () => source.count + created,
    liveCount: () => source.count + created - overlays.deletedCount(),
    id: reader.id,
    rowOf: (text) => {
      const parsed = parseSalesforceId(text);
      if (parsed === null || parsed.prefix !== parts.prefix) return null;
      if (object === 'Organization') return reader.id(0).startsWith(text.slice(0, 15)) ? 0 : null;
      return parsed.index < source.count + created ? parsed.index : null;
    },
    stamp: reader.stamp,
    firstFrom: (ms) => firstFrom(source, ms),
    isDeleted: (row) => overlays.get(row)?.deleted ?? false,
    value: reader.value,
    touched: () => overlays.rows(),
    isTouched: (row) => overlays.get(row) !== undefined,
    children: (storage, parentId) =>
      source.children(storage, parentId)?.filter((row) => overlays.get(row) === undefined) ?? null,
    beforeChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    create: (values, by) => {
      const row = source.count + created;
      tell(row);
      created += 1;
      journal.note(() => {
        tell(row);
        created -= 1;
        overlays.restore(row, undefined);
      });
      overlays.put(row, newOverlay(by, values));
      return row;
    },
    update: (row, values, by) => {
      const overlay = touch(row, by);
      for (const [storage, next] of values) overlay.values.set(storage, next);
    },
    setDeleted: (row, next, by) => overlays.setDeleted(touch(row, by), next),
    savepoint: journal.savepoint,
  };
}

/** Binary search: base times never fall with the row. */
function firstFrom(source: BaseSource, ms: number): number {
  let [low, high] = [0, source.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (wholeSecond(source.modifiedMs(middle)) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
