import { limits } from '../kernel/index.ts';
import { requestSync, type Tx, type WriteTurnKey } from '../store/index.ts';

/**
 * What we wrote is read back at once, so that whoever asks does not wait for
 * the schedule: in the transaction that keeps that it stands there, because the
 * replica learns of it from the system alone, never from us.
 */
export async function readBack(tx: Tx, { tenant, connection }: WriteTurnKey, object: string): Promise<void> {
  await requestSync(tx, { tenant, connection, object, pauseMs: limits.minAsOfPauseMs, awaited: true });
}
