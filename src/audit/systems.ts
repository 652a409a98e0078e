import type { AuditEntry, AuditSubject } from './types.ts';

/** By slug of a connection: what is moved there; null: nobody can tell. */
export interface MovedBySystem {
  readonly [slug: string]: number | null;
}

/**
 * The entry, found by each of the systems that it is about. One that is about
 * several says what is moved in each: whoever asks for a system over an amount
 * means that, and not what all of them come to. Nothing else of an entry is
 * otherwise than where it is about one, so that earlier versions read and
 * verify it, too.
 */
export function aboutSystems(entry: AuditEntry, moved: MovedBySystem): AuditEntry {
  const slugs = Object.keys(moved).toSorted();
  if (slugs.length === 0) return entry;
  const subject = { ...entry.subject, connection: slugs.slice(0, SYSTEMS_NAMED).join(',') };
  if (slugs.length === 1) return { ...entry, subject };
  return { ...entry, subject, detail: { ...entry.detail, amounts: { ...moved } } };
}

/** An index takes a third of a page: so many of the longest slugs are less. */
const SYSTEMS_NAMED = 30;

/** Slugs of the systems that an entry is about. */
export const systemsOf = ({ connection }: Pick<AuditSubject, 'connection'>): readonly string[] =>
  connection?.split(',') ?? [];
