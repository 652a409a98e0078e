import { canonicalJson, type Json } from '../../kernel/index.ts';
import type { RecordImage, Settled, WriteItem } from '../writes.ts';

/** Values as the provider would give them back: texts without blanks at their ends, times by their moment. */
export type SameValue = (field: string, meant: Json, stands: Json) => boolean;

export const isSame: SameValue = (_field, meant, stands) => {
  if (meant === stands) return true;
  if (meant === '' || meant === null) return stands === null || stands === '' || stands === undefined;
  if (typeof meant === 'string' && typeof stands === 'string') {
    if (meant.trim() === stands.trim()) return true;
    const [a, b] = [meant, stands].map((text) => (MOMENT.test(text) ? Date.parse(text) : Number.NaN));
    return a === b;
  }
  if (typeof meant === 'number' && typeof stands === 'string') return Number(stands) === meant;
  if (Array.isArray(meant) && Array.isArray(stands)) return sorted(meant) === sorted(stands);
  return canonicalJson(meant) === canonicalJson(stands);
};

const MOMENT = /^\d{4}-\d{2}-\d{2}T/;
const sorted = (list: readonly Json[]): string => canonicalJson(list.map((each) => canonicalJson(each)).toSorted());

/** Whether what was meant stands in the record. */
export const standsAsMeant = (item: WriteItem, image: RecordImage, same: SameValue = isSame): boolean =>
  Object.entries(item.values).every(([field, meant]) => same(field, meant, image.values[field] ?? null));

/**
 * Of an update or deletion whose answer was lost (class `conditional`), by how
 * the record stands now: unchanged since before the send proves that it did
 * not take effect, standing as it was meant that it did. What somebody else
 * changed meanwhile is for a person.
 */
export function settleByImage(
  item: WriteItem,
  operation: 'update' | 'delete',
  now: RecordImage,
  before: RecordImage | undefined,
  same: SameValue = isSame,
): Settled {
  const recordId = now.id;
  if (operation === 'delete') {
    if (now.missing) return { kind: 'applied', recordId, created: false };
    return { kind: 'not_applied' };
  }
  if (now.missing) return { kind: 'unclear', why: 'The record is gone, or hidden from the connected user.' };
  const unchanged = before !== undefined && before.version !== null && before.version === now.version;
  if (unchanged && !standsAsMeant(item, now, same)) return { kind: 'not_applied' };
  if (standsAsMeant(item, now, same)) return { kind: 'applied', recordId, created: false };
  if (before !== undefined && isAsBefore(item, now, before)) return { kind: 'not_applied' };
  return { kind: 'unclear', why: 'Somebody changed the record after the write was sent.' };
}

/** Providers without versions: each field that was to change is as it was. */
const isAsBefore = (item: WriteItem, now: RecordImage, before: RecordImage): boolean =>
  before.version === null &&
  Object.keys(item.values).every((field) => isSame(field, before.values[field] ?? null, now.values[field] ?? null));
