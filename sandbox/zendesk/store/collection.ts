/** A record as the API shows it, without what depends on the caller's address. */
export type Body = Readonly<Record<string, unknown>> & { readonly id: number };

export interface Entry {
  readonly id: number;
  /** Unix seconds of the last change, by users or by the system; exports are ordered by it. */
  readonly changedS: number;
  readonly deleted: boolean;
  readonly body: Body;
}

/** Records computed from the world: ids and change times grow with the index. */
export interface Base {
  readonly size: number;
  readonly idOf: (index: number) => number;
  changedS(index: number): number;
  firstChangedFrom(seconds: number): number;
  build(index: number): Body;
}

/** A place in the order of changes; records after it have a later time, or the same time and a higher id. */
export interface ChangePosition {
  readonly changedS: number;
  readonly id: number;
}

export interface CollectionOptions {
  /** Base records in the order of their ids: all of the first, then all of the second. */
  readonly bases: readonly Base[];
  /** Position of an id among base and later created records, or null if no such id can exist. */
  readonly placeOf: (id: number) => number | null;
  /** The id at a position. */
  readonly idAt: (place: number) => number;
  /** Whether exports show deleted records, marked as such, or leave them out. */
  readonly announcesDeleted: boolean;
}

/** One object's records: the world's, overlaid with what changed since. Nothing scans the base from its start. */
export interface Collection {
  liveCount(): number;
  /** Base and created records, deleted ones included. */
  placeCount(): number;
  /** Grows with every change. */
  version(): number;
  placeOf(id: number): number | null;
  /** The record, even if deleted; null if there never was one. */
  get(id: number): Entry | null;
  at(place: number): Entry;
  /** The place of the n-th live record (0-based), or placeCount() if there are fewer. */
  placeOfLive(n: number): number;
  /** In the order of changes, with announced deletions, none later than `untilS`. */
  changedAfter(position: ChangePosition, untilS: number, limit: number): readonly Entry[];
  /** Changed, deleted and created records. */
  overlaid(): Iterable<Entry>;
  isOverlaid(id: number): boolean;
  put(entry: Entry): void;
  /** The id that the next created record gets. */
  nextId(): number;
  /** Hears of every change after it was made; `before` is null for a new record. */
  watch(listener: (after: Entry, before: Entry | null) => void): void;
}

export function createCollection(options: CollectionOptions): Collection {
  const { bases, placeOf, idAt } = options;
  const baseSize = bases.reduce((sum, base) => sum + base.size, 0);
  const overlay = new Map<number, Entry>();
  const changes: Entry[] = [];
  /** Places of deleted records, ascending. */
  let deleted: readonly number[] = [];
  let created = 0;
  let version = 0;
  const watchers: ((after: Entry, before: Entry | null) => void)[] = [];

  const fromBase = (place: number): Entry => {
    let index = place;
    for (const base of bases) {
      if (index < base.size)
        return { id: base.idOf(index), changedS: base.changedS(index), deleted: false, body: base.build(index) };
      index -= base.size;
    }
    throw new Error(`no base record at place ${place}`);
  };
  const at = (place: number): Entry => overlay.get(idAt(place)) ?? fromBase(place);
  const exists = (place: number | null): place is number => place !== null && place < baseSize + created;

  return {
    liveCount: () => baseSize + created - deleted.length,
    placeCount: () => baseSize + created,
    version: () => version,
    placeOf: (id) => {
      const place = placeOf(id);
      return exists(place) ? place : null;
    },
    get: (id) => {
      const place = placeOf(id);
      return exists(place) ? at(place) : null;
    },
    at,
    placeOfLive: (n) => {
      let place = n;
      for (const gone of deleted) {
        if (gone > place) break;
        place += 1;
      }
      return Math.min(place, baseSize + created);
    },
    changedAfter: (position, untilS, limit) =>
      mergeChanges({ bases, changes, skip: (id) => overlay.has(id), position, untilS, limit }),
    overlaid: () => overlay.values(),
    isOverlaid: (id) => overlay.has(id),
    put: (entry) => {
      version += 1;
      const place = placeOf(entry.id);
      if (place === null) throw new Error(`id ${entry.id} is outside this collection`);
      const old = watchers.length > 0 && exists(place) ? at(place) : null;
      if (place >= baseSize + created) created = place - baseSize + 1;
      const before = overlay.get(entry.id);
      const known = before === undefined ? -1 : changes.indexOf(before);
      if (known >= 0) changes.splice(known, 1);
      overlay.set(entry.id, entry);
      if (!entry.deleted || options.announcesDeleted) changes.splice(firstAfter(changes, entry), 0, entry);
      deleted = deleted.filter((gone) => gone !== place);
      if (entry.deleted) deleted = [...deleted, place].toSorted((a, b) => a - b);
      for (const watcher of watchers) watcher(entry, old);
    },
    watch: (listener) => {
      watchers.push(listener);
    },
    nextId: () => idAt(baseSize + created),
  };
}

interface Merge {
  readonly bases: readonly Base[];
  readonly changes: readonly Entry[];
  /** Base records that changed since stand in `changes`. */
  readonly skip: (id: number) => boolean;
  readonly position: ChangePosition;
  readonly untilS: number;
  readonly limit: number;
}

interface Stream {
  head(): ChangePosition | null;
  take(): Entry;
}

function mergeChanges({ bases, changes, skip, position, untilS, limit }: Merge): readonly Entry[] {
  const streams = [...bases.map((base) => baseStream(base, position, skip)), listStream(changes, position)];
  const merged: Entry[] = [];
  while (merged.length < limit) {
    let next: { readonly stream: Stream; readonly head: ChangePosition } | null = null;
    for (const stream of streams) {
      const head = stream.head();
      if (head !== null && (next === null || comparePositions(head, next.head) < 0)) next = { stream, head };
    }
    if (next === null || next.head.changedS > untilS) break;
    merged.push(next.stream.take());
  }
  return merged;
}

function baseStream(base: Base, position: ChangePosition, skip: (id: number) => boolean): Stream {
  let index = base.firstChangedFrom(position.changedS);
  while (index < base.size && base.changedS(index) === position.changedS && base.idOf(index) <= position.id) index += 1;
  return {
    head: () => {
      while (index < base.size && skip(base.idOf(index))) index += 1;
      return index < base.size ? { changedS: base.changedS(index), id: base.idOf(index) } : null;
    },
    take: () => {
      const entry = {
        id: base.idOf(index),
        changedS: base.changedS(index),
        deleted: false,
        body: base.build(index),
      };
      index += 1;
      return entry;
    },
  };
}

function listStream(entries: readonly Entry[], position: ChangePosition): Stream {
  let index = firstAfter(entries, position);
  return {
    head: () => entries[index] ?? null,
    take: () => {
      const entry = entries[index];
      index += 1;
      if (entry === undefined) throw new Error('taken beyond the end');
      return entry;
    },
  };
}

/** The first index whose entry lies after the position; entries are ordered. */
function firstAfter(entries: readonly Entry[], position: ChangePosition): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (comparePositions(entries[middle] as Entry, position) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function comparePositions(a: ChangePosition, b: ChangePosition): number {
  return a.changedS - b.changedS || a.id - b.id;
}
