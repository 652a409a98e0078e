import type { Caller, VisibleObject } from '../../access/index.ts';
import type { StreamId } from '../../kernel/index.ts';
import { onlyLookedUp } from '../../mapping/index.ts';
import type { LookedUp } from './context.ts';

/** The caller, in whose objects a mapping's look-ups find what sources were asked about and show now. */
export function callerWith(caller: Caller, lookedUp: LookedUp): Caller {
  if (lookedUp.size === 0) return caller;
  const objects = new Map([...caller.objects].map(([name, object]) => [name, objectWith(object, lookedUp)]));
  return { ...caller, objects };
}

/**
 * One object so. Of streams that are not in there, look-ups find what is shown
 * to the caller anyway, so that an empty map takes back whatever was before.
 */
export function objectWith(object: VisibleObject, lookedUp: LookedUp): VisibleObject {
  const own = onlyLookedUp(object, shownIds(lookedUp));
  if (own === null) return object;
  const { limited = false, changed = [], masked = new Map() } = object.restricted ?? {};
  return {
    ...object,
    parts: own.parts,
    // Rules of the project are about what is true: what the columns say here is not for them.
    restricted: { limited, changed: new Set([...changed, ...own.changed]), masked },
  };
}

const shownIds = (lookedUp: LookedUp): ReadonlyMap<StreamId, readonly string[]> =>
  new Map([...lookedUp].map(([stream, asked]) => [stream, [...asked].flatMap(([id, isShown]) => (isShown ? id : []))]));
