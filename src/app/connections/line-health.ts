import { recordConnectionEvent, type ConnectionDeps } from '../../connection/index.ts';
import { limits, type ErrorBody } from '../../kernel/index.ts';
import { readConnection, readLine, type LineKey, type LineRow } from '../../store/index.ts';
import { isTrouble } from './health-event.ts';

/**
 * What is wrong with a connection's line of events: null while it is held, comes
 * back by itself in a moment, or there is none. What it would tell of is found
 * by reading meanwhile, only later. What says nothing of the provider's health
 * (no object has events) stands beside the connection.
 */
export function brokenLine(line: LineRow | null): ErrorBody | null {
  if (line === null || line.failures < limits.eventLineBrokenFailures || line.lastError === null) return null;
  const { lastError } = line;
  return isTrouble(lastError.code) ? { ...lastError, data: { ...lastError.data, event_line: true } } : null;
}

/** The line went live, or broke: its connection is told. Other trouble of the connection is not the line's to end. */
export async function recordLineHealth({ db, onEvent }: ConnectionDeps, key: LineKey): Promise<void> {
  const { tenant, connection } = key;
  const events = await db.tenantTx(
    tenant,
    async (tx) => {
      const line = await readLine(tx, key);
      const error = brokenLine(line);
      if (error !== null) return recordConnectionEvent(tx, { tenant, connection, event: 'call_failed', error });
      const row = await readConnection(tx, tenant, connection);
      if (line?.state !== 'live' || row?.lastError?.data?.['event_line'] !== true) return [];
      return recordConnectionEvent(tx, { tenant, connection, event: 'call_succeeded' });
    },
    'connection.record_line_health',
  );
  for (const event of events) onEvent(event);
}
