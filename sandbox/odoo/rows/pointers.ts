import type { Raw } from '../schema/field.ts';
import type { Overlay } from './overlay.ts';

/** Changed records by what a many2one of theirs points at, found out once per field and version of the table. */
export function createPointers(
  overlays: ReadonlyMap<number, Overlay>,
  stored: (id: number, field: string) => Raw | undefined,
): (version: number, field: string) => ReadonlyMap<number, readonly number[]> {
  const known = new Map<string, ReadonlyMap<number, readonly number[]>>();
  let knownAt = -1;
  return (version, field) => {
    if (knownAt !== version) known.clear();
    knownAt = version;
    const pointers = known.get(field) ?? pointersOf(overlays, (id) => stored(id, field));
    known.set(field, pointers);
    return pointers;
  };
}

function pointersOf(
  overlays: ReadonlyMap<number, Overlay>,
  parentOf: (id: number) => Raw | undefined,
): ReadonlyMap<number, readonly number[]> {
  const byParent = new Map<number, number[]>();
  for (const [id, overlay] of overlays) {
    const parent = overlay.deleted ? null : parentOf(id);
    if (typeof parent !== 'number') continue;
    const children = byParent.get(parent);
    if (children === undefined) byParent.set(parent, [id]);
    else children.push(id);
  }
  return byParent;
}
