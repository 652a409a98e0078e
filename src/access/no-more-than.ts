import { contentHash, type StreamId } from '../kernel/index.ts';
import type { KnownRights, PrincipalRights, StreamRights } from './rights.ts';

/**
 * Rights of before, without what the user has lost since. They are told while
 * the records that are read are not yet as they were with the rights of now:
 * what was won would be judged over old records, so that it is left out, but
 * what was lost is lost whatever the records say. The same object where nothing
 * was lost; `meanwhile` stands for what only becomes known.
 */
export function noMoreThan(before: PrincipalRights, now: PrincipalRights, meanwhile: StreamRights): PrincipalRights {
  if (before.version === now.version) return before;
  const both = createBoth();
  const meet = (stream: StreamId, right: StreamRights): StreamRights => {
    const earlier = before.streams.get(stream);
    if (right.kind === 'unknown')
      return earlier?.kind === 'unknown' && earlier.reason === right.reason ? earlier : right;
    // Learned in another way, classes mean something else.
    if (earlier?.kind !== 'known' || earlier.by !== right.by) return meanwhile;
    return both(earlier, right);
  };
  const streams = new Map([...now.streams].map(([stream, right]) => [stream, meet(stream, right)]));
  const isSame =
    streams.size === before.streams.size &&
    [...streams].every(([stream, right]) => right === before.streams.get(stream));
  if (isSame) return before;
  // Of a length that does not grow, however often something is lost.
  return { principal: now.principal, version: contentHash(`${before.version} within ${now.version}`), streams };
}

type Classes = KnownRights['classes'];
type Fields = KnownRights['fields'];

/** What is in both; the same object as before where that is all of it. Streams share their lists: each pair is met once. */
function createBoth(): (before: KnownRights, now: KnownRights) => KnownRights {
  const met = new Map<Classes, { readonly now: Classes; readonly classes: Classes }>();
  const classesOf = (before: Classes, now: Classes): Classes => {
    const known = met.get(before);
    if (known?.now === now) return known.classes;
    const classes = bothClasses(before, now);
    met.set(before, { now, classes });
    return classes;
  };
  return (before, now) => {
    const classes = classesOf(before.classes, now.classes);
    const fields = fieldsInBoth(before.fields, now.fields);
    if (classes === before.classes && fields === before.fields) return before;
    return { ...before, classes, fields };
  };
}

function bothClasses(before: Classes, now: Classes): Classes {
  if (now === 'all') return before;
  if (before === 'all') return now;
  const own = new Set(now);
  const kept = before.filter((each) => own.has(each));
  return kept.length === before.length ? before : kept;
}

/** The same object as before where that is all of it. */
export function fieldsInBoth(before: Fields, now: Fields): Fields {
  if (now === 'all') return before;
  if (before === 'all') return now;
  const kept = [...before].filter((each) => now.has(each));
  return kept.length === before.size ? before : new Set(kept);
}
