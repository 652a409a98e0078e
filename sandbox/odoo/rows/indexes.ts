import type { Segment } from './segment.ts';

interface Index {
  /** Rows that were there when the index was made. */
  readonly count: number;
  readonly byParent: ReadonlyMap<number, readonly number[]>;
}

/**
 * Ids of a segment by what a many2one of theirs points at, found out once per
 * field: the world never changes, and changed records are none of its business.
 */
export function createIndexes(): (run: Segment, field: string, parent: number) => readonly number[] {
  const indexes = new Map<Segment, Map<string, Index>>();
  return (run, field, parent) => {
    const fields = indexes.get(run) ?? new Map<string, Index>();
    indexes.set(run, fields);
    const known = fields.get(field);
    const index = known?.count === run.count ? known : indexOf(run, field);
    fields.set(field, index);
    return index.byParent.get(parent) ?? [];
  };
}

function indexOf(run: Segment, field: string): Index {
  const byParent = new Map<number, number[]>();
  const { count } = run;
  for (let at = 0; at < count; at += 1) {
    const parent = run.value(at, field);
    if (typeof parent !== 'number') continue;
    const ids = byParent.get(parent);
    if (ids === undefined) byParent.set(parent, [run.firstId + at]);
    else ids.push(run.firstId + at);
  }
  return { count, byParent };
}
