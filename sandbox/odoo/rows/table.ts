import type { Raw } from '../schema/field.ts';
import type { ModelDef } from '../schema/model.ts';
import { createIndexes } from './indexes.ts';
import { merged, type Run } from './merge.ts';
import { createPointers } from './pointers.ts';
import { logColumn, newOverlay, overlayRun, type Overlay } from './overlay.ts';
import type { Segment } from './segment.ts';

/** Who writes, and when, in microseconds since 1970. */
export interface WriteStamp {
  readonly us: number;
  readonly uid: number;
}

export interface Bounds {
  /** Ids in that order, or by time of last change and id. */
  readonly order: 'id' | 'write';
  /** Lowest time of last change, in microseconds. */
  readonly fromUs?: number;
  /** Lowest id. */
  readonly fromId?: number;
}

/** Who made and last touched what the world made. */
const ADMIN_UID = 2;

/** All records of a model: the world's, and over them what happened since. */
export interface Table {
  exists(id: number): boolean;
  liveCount(): number;
  /** Grows with every change. */
  version(): number;
  /** The stored value; undefined where nobody ever said one. */
  stored(id: number, field: string): Raw | undefined;
  ids(bounds: Bounds): Iterable<number>;
  /** Ids whose stored many2one points at a record. */
  children(field: string, parent: number): readonly number[];
  create(values: ReadonlyMap<string, Raw>, by: WriteStamp): number;
  update(id: number, values: ReadonlyMap<string, Raw>, by: WriteStamp): void;
  /** Leaves no trace. */
  remove(id: number): void;
  /** Remembers records as they are, or that they are not there yet. */
  checkpoint(ids: readonly number[], what?: 'present' | 'absent'): Checkpoint;
}

/** Some records as they were before a transaction. */
export interface Checkpoint {
  /** Shows the old state until the answer is called. Whoever changes a record meanwhile waits for that, as for a lock. */
  hide(): () => void;
}

export function createTable(segments: ModelDef['segments'], undoing: (undo: () => void) => void): Table {
  const sorted = segments.toSorted((a, b) => a.firstId - b.firstId);
  const overlays = new Map<number, Overlay>();
  const hidden = new Map<number, () => void>();
  let version = 0;
  const lookUp = createIndexes();
  let nextId: number | null = null;

  const find = (id: number): { readonly run: Segment; readonly index: number } | null => {
    const run = sorted.find((each) => id >= each.firstId && id < each.firstId + each.count);
    if (run === undefined || run.isGone(id - run.firstId)) return null;
    return { run, index: id - run.firstId };
  };
  const exists = (id: number): boolean => {
    const overlay = overlays.get(id);
    return overlay === undefined ? find(id) !== null : !overlay.deleted;
  };
  const touch = (id: number): Overlay => {
    const known = overlays.get(id);
    if (known !== undefined) return known;
    const base = find(id);
    if (base === null) throw new Error(`no record ${id}`);
    const fresh = newOverlay({ us: base.run.createUs(base.index), uid: ADMIN_UID });
    fresh.writeUs = base.run.writeUs(base.index);
    overlays.set(id, fresh);
    return fresh;
  };
  const stored = (id: number, field: string): Raw | undefined => {
    if (field === 'id') return id;
    const overlay = overlays.get(id);
    const written = overlay === undefined ? undefined : (logColumn(overlay, field) ?? overlay.values.get(field));
    if (written !== undefined) return written;
    const base = find(id);
    return base === null ? undefined : baseValue(base.run, base.index, field);
  };

  const changed = (): number => (version += 1);
  const changing = (id: number): void => {
    hidden.get(id)?.();
    undoing(takenBack(overlays, id, changed));
    changed();
  };
  const changedChildren = createPointers(overlays, stored);

  return {
    exists,
    liveCount: () =>
      [...overlays].reduce(
        (sum, [id, { deleted }]) => sum + (deleted ? 0 : 1) - (find(id) === null ? 0 : 1),
        sorted.reduce((sum, run) => sum + liveOf(run), 0),
      ),
    version: () => version,
    stored,
    ids: (bounds) => merged([...sorted.map((run) => baseRun(run, bounds, overlays)), overlayRun(overlays, bounds)]),
    children: (field, parent) => {
      const unchanged = sorted.flatMap((run) =>
        (run.children(field, parent) ?? lookUp(run, field, parent)).filter(
          (id) => !overlays.has(id) && !run.isGone(id - run.firstId),
        ),
      );
      return [...unchanged, ...(changedChildren(version, field).get(parent) ?? [])].toSorted((a, b) => a - b);
    },
    create: (values, by) => {
      const last = sorted.reduce((most, run) => Math.max(most, run.firstId + run.count - 1), 0);
      const id = Math.max(nextId ?? 0, last + 1);
      nextId = id + 1;
      changing(id);
      overlays.set(id, newOverlay(by, values));
      return id;
    },
    update: (id, values, { us, uid }) => {
      changing(id);
      const overlay = touch(id);
      for (const [name, value] of values) overlay.values.set(name, value);
      [overlay.writeUs, overlay.writeUid] = [us, uid];
    },
    remove: (id) => {
      changing(id);
      touch(id).deleted = true;
    },
    checkpoint: (ids, what = 'present') => checkpointOf({ overlays, hidden, ids, what, changed }),
  };
}

function liveOf(run: Segment): number {
  let live = 0;
  for (let at = 0; at < run.count; at += 1) if (!run.isGone(at)) live += 1;
  return live;
}

/** Puts a record back as it is now. Numbers that were given out stay so, as sequences do. */
function takenBack(overlays: Map<number, Overlay>, id: number, changed: () => void): () => void {
  const before = copied(overlays.get(id));
  return () => {
    changed();
    if (before === undefined) overlays.delete(id);
    else overlays.set(id, before);
  };
}

interface CheckpointParts {
  readonly overlays: Map<number, Overlay>;
  readonly hidden: Map<number, () => void>;
  readonly ids: readonly number[];
  readonly what: 'present' | 'absent';
  changed(): void;
}

function checkpointOf({ overlays, hidden, ids, what, changed }: CheckpointParts): Checkpoint {
  for (const id of ids) hidden.get(id)?.();
  const copies = () => new Map(ids.map((id) => [id, copied(overlays.get(id))]));
  const put = (states: ReadonlyMap<number, Overlay | undefined>): void => {
    changed();
    for (const [id, overlay] of states) {
      if (overlay === undefined) overlays.delete(id);
      else overlays.set(id, overlay);
    }
  };
  const before = what === 'absent' ? new Map(ids.map((id) => [id, undefined])) : copies();
  return {
    hide: () => {
      const after = copies();
      put(before);
      const show = (): void => {
        if (!ids.some((id) => hidden.get(id) === show)) return;
        for (const id of ids) hidden.delete(id);
        put(after);
      };
      for (const id of ids) hidden.set(id, show);
      return show;
    },
  };
}

function copied(overlay: Overlay | undefined): Overlay | undefined {
  return overlay === undefined ? undefined : { ...overlay, values: new Map(overlay.values) };
}

function baseValue(run: Segment, index: number, field: string): Raw | undefined {
  if (field === 'write_date') return run.writeUs(index);
  if (field === 'create_date') return run.createUs(index);
  return field === 'write_uid' || field === 'create_uid' ? ADMIN_UID : run.value(index, field);
}

function baseRun(run: Segment, { order, fromUs, fromId }: Bounds, overlays: ReadonlyMap<number, Overlay>): Run {
  return {
    first: Math.max(
      fromUs === undefined ? 0 : firstFrom(run, fromUs),
      order === 'id' && fromId !== undefined ? fromId - run.firstId : 0,
    ),
    count: run.count,
    id: (at) => run.firstId + at,
    key: (at) => (order === 'id' ? run.firstId + at : run.writeUs(at)),
    skip: (at) => run.isGone(at) || overlays.has(run.firstId + at),
  };
}

/** Binary search: times of last change never fall with the index. */
function firstFrom(run: Segment, us: number): number {
  let [low, high] = [0, run.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (run.writeUs(middle) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}
