import { GantryError, type ErrorCode } from '../kernel/index.ts';
import type { ConnectorSession } from '../connectors/index.ts';

/** What the connected user may see; null where the provider does not say, or not to this user. */
export async function grantsNow(session: ConnectorSession): Promise<string | null> {
  if (session.grantsHash === undefined) return null;
  try {
    return await session.grantsHash();
  } catch (error) {
    if (error instanceof GantryError && UNTOLD.has(error.code)) return null;
    throw error;
  }
}

const UNTOLD = new Set<ErrorCode>([
  'upstream_forbidden',
  'upstream_object_missing',
  'upstream_refused',
  'upstream_schema_changed',
  'upstream_malformed',
]);
