import type { StreamId } from '../kernel/index.ts';
import type { Caller } from './types.ts';

/** Whether a record of this class is shown to whom the caller acts for; a service is not concerned with classes. */
export function showsClass({ principal }: Pick<Caller, 'principal'>, stream: StreamId, acl: number | null): boolean {
  if (principal === null) return true;
  const rights = principal.streams.get(stream);
  if (rights?.kind !== 'known') return false;
  return rights.classes === 'all' || (acl !== null && setOf(rights.classes).has(acl));
}

/** The classes whose records of the stream are shown. */
export function shownClasses({ principal }: Pick<Caller, 'principal'>, stream: StreamId): readonly number[] | 'all' {
  if (principal === null) return 'all';
  const rights = principal.streams.get(stream);
  return rights?.kind === 'known' ? rights.classes : [];
}

function setOf(classes: readonly number[]): ReadonlySet<number> {
  const known = made.get(classes) ?? new Set(classes);
  made.set(classes, known);
  return known;
}

// Rights come with one list for all that is asked by them.
const made = new WeakMap<readonly number[], ReadonlySet<number>>();
