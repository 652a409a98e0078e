import type { Value } from '../schema/field.ts';

/** What changed on a record since the world was made, or a whole record made later. */
export interface Overlay {
  readonly values: Map<string, Value>;
  readonly createdMs: number;
  readonly createdBy: string;
  modifiedMs: number;
  modifiedBy: string;
  deleted: boolean;
}

export interface WriteStamp {
  readonly nowMs: number;
  readonly userId: string;
}

/** Overlays of one table by row. */
export interface Overlays {
  get(row: number): Overlay | undefined;
  /** Rows with an overlay, ascending. */
  rows(): readonly number[];
  deletedCount(): number;
  put(row: number, overlay: Overlay): void;
  setDeleted(overlay: Overlay, deleted: boolean): void;
  /** Puts back what was there before; undefined: nothing. */
  restore(row: number, before: Overlay | undefined): void;
}

export function createOverlays(): Overlays {
  const byRow = new Map<number, Overlay>();
  let sorted: readonly number[] | null = [];
  let deleted = 0;
  return {
    get: (row) => byRow.get(row),
    rows: () => (sorted ??= [...byRow.keys()].toSorted((a, b) => a - b)),
    deletedCount: () => deleted,
    put: (row, overlay) => {
      byRow.set(row, overlay);
      sorted = null;
    },
    setDeleted: (overlay, next) => {
      if (overlay.deleted !== next) deleted += next ? 1 : -1;
      overlay.deleted = next;
    },
    restore: (row, before) => {
      if (byRow.get(row)?.deleted === true) deleted -= 1;
      if (before?.deleted === true) deleted += 1;
      if (before === undefined) byRow.delete(row);
      else byRow.set(row, before);
      sorted = null;
    },
  };
}

export function newOverlay(by: WriteStamp, values: ReadonlyMap<string, Value>): Overlay {
  return {
    values: new Map(values),
    createdMs: by.nowMs,
    createdBy: by.userId,
    modifiedMs: by.nowMs,
    modifiedBy: by.userId,
    deleted: false,
  };
}
