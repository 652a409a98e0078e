import { canonicalJson, contentHash, type Json, type StreamId } from '../kernel/index.ts';
import { fieldsInBoth } from './no-more-than.ts';
import type { KnownRights, PrincipalRights } from './rights.ts';

/** Native fields that sources show at this moment, of streams that they were asked about; null: the object may not be read at all. */
export type ShownFields = ReadonlyMap<StreamId, ReadonlySet<string> | null>;

/**
 * Pure. The same rights without fields that are shown no more; what was won
 * meanwhile is not told. The same object where nothing was lost.
 */
export function withinFields(rights: PrincipalRights, shown: ShownFields): PrincipalRights {
  const less = new Map<StreamId, KnownRights>();
  for (const [stream, fields] of shown) {
    const right = rights.streams.get(stream);
    if (right?.kind !== 'known') continue;
    const kept = fieldsInBoth(right.fields, fields ?? nothing);
    if (fields !== null && kept === right.fields) continue;
    less.set(stream, { ...right, fields: kept, ...(fields === null ? { classes: [] } : {}) });
  }
  if (less.size === 0) return rights;
  const texts: Json = [...less].map(([stream, { classes, fields }]) => [
    stream,
    classes === 'all' ? classes : classes.length,
    fields === 'all' ? fields : [...fields].toSorted(),
  ]);
  const version = contentHash(`${rights.version} within ${canonicalJson(texts)}`);
  return { principal: rights.principal, version, streams: new Map([...rights.streams, ...less]) };
}

const nothing: ReadonlySet<string> = new Set();
