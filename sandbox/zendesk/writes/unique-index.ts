import type { Collection, Entry } from '../store/collection.ts';

/** Ids of live records by a value that is compared without regard to case. */
export interface UniqueIndex {
  ids(value: string): readonly number[];
}

/** Read from all records when first asked, and kept up with every change from then on. */
export function createUniqueIndex(collection: Collection, valueOf: (entry: Entry) => unknown): UniqueIndex {
  let byValue: Map<string, Set<number>> | null = null;
  const keyOf = (entry: Entry): string | null => {
    const value = entry.deleted ? null : valueOf(entry);
    return typeof value === 'string' && value !== '' ? value.toLowerCase() : null;
  };
  const add = (index: Map<string, Set<number>>, entry: Entry): void => {
    const key = keyOf(entry);
    if (key === null) return;
    const ids = index.get(key) ?? new Set<number>();
    ids.add(entry.id);
    index.set(key, ids);
  };
  collection.watch((after, before) => {
    if (byValue === null) return;
    const old = before === null ? null : keyOf(before);
    if (old !== null) byValue.get(old)?.delete(after.id);
    add(byValue, after);
  });
  const read = (): Map<string, Set<number>> => {
    const index = new Map<string, Set<number>>();
    for (let place = 0; place < collection.placeCount(); place += 1) add(index, collection.at(place));
    return index;
  };
  return {
    ids: (value) => {
      byValue ??= read();
      return [...(byValue.get(value.toLowerCase()) ?? [])];
    },
  };
}
