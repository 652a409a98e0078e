import { recordConnectionEvent, type ConnectionDeps } from '../../connection/index.ts';
import { readConnection, readLine } from '../../store/index.ts';
import type { RunReport, SyncTarget } from '../../sync/index.ts';
import { healthEvent } from './health-event.ts';
import { brokenLine } from './line-health.ts';

/**
 * What a run says of its connection. An object that cannot be read says
 * something of that object only; it stands beside it (status.ts). A run that
 * went well does not mend a line of events.
 */
export async function recordRunHealth(
  deps: ConnectionDeps,
  { tenant, connection }: Pick<SyncTarget, 'tenant' | 'connection'>,
  { error, startedAt }: Pick<RunReport, 'error' | 'startedAt'>,
): Promise<void> {
  const events = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const row = await readConnection(tx, tenant, connection);
      const event = healthEvent(error, row !== null && startedAt > row.updatedAt);
      // What a run with the grant of before found says nothing about the present one.
      const isOfBefore = row !== null && row.consentedAt !== null && startedAt < row.consentedAt;
      if (event === null || (event === 'grant_ended' && isOfBefore)) return [];
      const isReadable = row?.state === 'working' || row?.state === 'degraded';
      const broken = error === null && isReadable ? brokenLine(await readLine(tx, { tenant, connection })) : null;
      if (broken !== null)
        return recordConnectionEvent(tx, { tenant, connection, event: 'call_failed', error: broken });
      return recordConnectionEvent(tx, {
        tenant,
        connection,
        event,
        ...(error === null ? {} : { error: error.toBody() }),
      });
    },
    'connection.record_health',
  );
  for (const each of events) deps.onEvent(each);
}
