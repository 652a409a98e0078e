import { globMatches, type WriteGrant } from '../manifest/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';

/** The line of a grant that says what may be written of an object: its own name, else the longest glob. Null: nothing. */
export function writeGrantFor(
  object: Pick<CatalogueObject, 'kind' | 'name' | 'sources'>,
  grants: ReadonlyMap<string, WriteGrant>,
): WriteGrant | null {
  const names =
    object.kind === 'native'
      ? [object.name, ...object.sources.map(({ integration, nativeObject }) => `${integration}.${nativeObject}`)]
      : [object.name];
  for (const name of names) {
    const exact = grants.get(name);
    if (exact !== undefined) return exact;
  }
  if (object.kind !== 'native') return null;
  const globs = [...grants].filter(([glob]) => /[*?]/.test(glob) && names.some((name) => covers(glob, name)));
  return globs.toSorted(([a], [b]) => b.length - a.length)[0]?.[1] ?? null;
}

/** A glob speaks of connection and object; the object's own name may hold dots. */
function covers(glob: string, name: string): boolean {
  const [globAt, nameAt] = [glob.indexOf('.'), name.indexOf('.')];
  if (globAt < 0 || nameAt < 0) return false;
  return (
    globMatches(glob.slice(0, globAt), name.slice(0, nameAt)) &&
    globMatches(glob.slice(globAt + 1), name.slice(nameAt + 1))
  );
}
