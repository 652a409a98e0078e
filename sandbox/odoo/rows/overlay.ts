import type { Raw } from '../schema/field.ts';
import type { Run } from './merge.ts';
import type { Bounds, WriteStamp } from './table.ts';

/** What changed on a record since the world was made, or a whole record made later. */
export interface Overlay {
  readonly values: Map<string, Raw>;
  readonly createUs: number;
  readonly createUid: number;
  writeUs: number;
  writeUid: number;
  deleted: boolean;
}

export function newOverlay({ us, uid }: WriteStamp, values: ReadonlyMap<string, Raw> = new Map()): Overlay {
  return { values: new Map(values), createUs: us, createUid: uid, writeUs: us, writeUid: uid, deleted: false };
}

/** A column that the overlay itself keeps; undefined for all others. */
export function logColumn(overlay: Overlay, field: string): number | undefined {
  switch (field) {
    case 'write_date':
      return overlay.writeUs;
    case 'write_uid':
      return overlay.writeUid;
    case 'create_date':
      return overlay.createUs;
    case 'create_uid':
      return overlay.createUid;
    default:
      return undefined;
  }
}

/** The records with an overlay that are still there, in order. */
export function overlayRun(overlays: ReadonlyMap<number, Overlay>, { order, fromUs, fromId }: Bounds): Run {
  const rows = [...overlays]
    .filter(([id, overlay]) => !overlay.deleted && overlay.writeUs >= (fromUs ?? 0) && id >= (fromId ?? 0))
    .map(([id, overlay]) => ({ id, key: order === 'id' ? id : overlay.writeUs }))
    .toSorted((a, b) => a.key - b.key || a.id - b.id);
  return {
    first: 0,
    count: rows.length,
    id: (at) => rows[at]?.id ?? 0,
    key: (at) => rows[at]?.key ?? 0,
    skip: () => false,
  };
}
