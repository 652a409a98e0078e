import type { ObjectGrant } from '../manifest/index.ts';
import type { Catalogue, CatalogueSource } from '../mapping/index.ts';
import { grantFor } from './grant-for.ts';
import type { PrincipalRights, UnknownRights } from './rights.ts';
import type { WithheldSource } from './types.ts';

/**
 * By object of the grant, the systems of which nobody knows what the principal
 * may see there. An object that the grant lacks is not in it: to the caller it
 * does not exist, whatever its systems would say.
 */
export function withheldObjects(
  { objects }: Catalogue,
  grants: ReadonlyMap<string, ObjectGrant>,
  { streams }: PrincipalRights,
): ReadonlyMap<string, readonly WithheldSource[]> {
  const withheld = new Map<string, readonly WithheldSource[]>();
  const unknownOf = (source: CatalogueSource): WithheldSource[] => {
    const rights = streams.get(source.stream) ?? notRead;
    return rights.kind === 'unknown' ? [{ source, rights }] : [];
  };
  for (const object of objects.values()) {
    const sources = object.sources.flatMap(unknownOf);
    if (sources.length > 0 && grantFor(object, grants) !== null) withheld.set(object.name, sources);
  }
  return withheld;
}

const notRead: UnknownRights = {
  kind: 'unknown',
  reason: 'not_read_yet',
  fix: 'Ask again in a minute: what the user may see there has not been read yet.',
};
