import {
  createRestrictor,
  type Catalogue,
  type CatalogueObject,
  type Sights,
  type StreamSight,
} from '../mapping/index.ts';
import type { PrincipalRights } from './rights.ts';
import type { VisibleObject } from './types.ts';

export interface ShownObject {
  readonly object: CatalogueObject;
  /** Null: all of it is shown. */
  readonly restricted: NonNullable<VisibleObject['restricted']> | null;
}

/** The catalogue's objects as the sources show them; with `rights` null, as they are. */
export function shownObjects({ objects }: Catalogue, rights: PrincipalRights | null): readonly ShownObject[] {
  if (rights === null) return [...objects.values()].map((object) => ({ object, restricted: null }));
  const restrict = createRestrictor(objects, sightsOf(rights));
  return [...objects.values()].flatMap((whole): ShownObject[] => {
    const shown = restrict(whole);
    if (shown === null) return [];
    const { object, ...restricted } = shown;
    return [{ object, restricted: object === whole ? null : restricted }];
  });
}

/** What the sources show of their records; where that is not known, nothing. */
export function sightsOf({ streams }: PrincipalRights): Sights {
  return new Map(
    [...streams].flatMap(([stream, right]): [typeof stream, StreamSight][] =>
      right.kind === 'known' ? [[stream, { classes: right.classes, fields: right.fields }]] : [],
    ),
  );
}
