import { GantryError, type ErrorCode } from '../kernel/index.ts';
import type { ConnectorSession } from '../connectors/index.ts';

/** Records there are, as far as the provider tells: a measure for progress bars is not worth a load that does not begin. */
export async function countRecords(session: ConnectorSession, object: string): Promise<number | null> {
  try {
    return await session.countRecords(object);
  } catch (error) {
    if (error instanceof GantryError && NOT_COUNTED.has(error.code)) return null;
    throw error;
  }
}

const NOT_COUNTED = new Set<ErrorCode>([
  'upstream_forbidden',
  'upstream_malformed',
  'upstream_object_missing',
  'upstream_refused',
  'upstream_too_large',
]);
