import { createRestrictor, type Catalogue, type CatalogueObject, type StreamSight } from '../mapping/index.ts';
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
  const sights = new Map(
    [...rights.streams].flatMap(([stream, right]): [typeof stream, StreamSight][] =>
      right.kind === 'known' ? [[stream, { classes: right.classes, fields: right.fields }]] : [],
    ),
  );
  const restrict = createRestrictor(objects, sights);
  return [...objects.values()].flatMap((whole): ShownObject[] => {
    const shown = restrict(whole);
    if (shown === null) return [];
    const { object, ...restricted } = shown;
    return [{ object, restricted: object === whole ? null : restricted }];
  });
}
