import { GantryError, limits } from '../kernel/index.ts';
import type { ConnectorSession, NativeRecord } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import { isPoison } from './dead-letters.ts';

export interface EachRead {
  readonly records: readonly NativeRecord[];
  /** Not answered: gone, or hidden from the connected user. */
  readonly missing: readonly string[];
  /** Could not be read, not even alone. */
  readonly dead: readonly { readonly id: string; readonly error: GantryError }[];
}

/**
 * Records by their ids, however many; what cannot be read is searched for by
 * halving, so that it does not take others with it. Other failures end it.
 */
export async function readEach(
  session: ConnectorSession,
  object: NativeObject,
  ids: readonly string[],
): Promise<EachRead> {
  const parts: EachRead[] = [];
  for (let start = 0; start < ids.length; start += limits.recordsByIdMax) {
    parts.push(await readPart(session, object, ids.slice(start, start + limits.recordsByIdMax)));
  }
  return joined(parts);
}

async function readPart(session: ConnectorSession, object: NativeObject, ids: readonly string[]): Promise<EachRead> {
  if (session.readRecords === undefined) throw new Error('the connector does not read single records');
  try {
    const { records, missing } = await session.readRecords(object, ids);
    return { records, missing, dead: [] };
  } catch (error) {
    if (!(error instanceof GantryError) || !isPoison(error)) throw error;
    const [only, ...others] = ids;
    if (only === undefined) throw error;
    if (others.length === 0) return { records: [], missing: [], dead: [{ id: only, error }] };
    const half = Math.ceil(ids.length / 2);
    const first = await readPart(session, object, ids.slice(0, half));
    return joined([first, await readPart(session, object, ids.slice(half))]);
  }
}

const joined = (parts: readonly EachRead[]): EachRead => ({
  records: parts.flatMap(({ records }) => records),
  missing: parts.flatMap(({ missing }) => missing),
  dead: parts.flatMap(({ dead }) => dead),
});
