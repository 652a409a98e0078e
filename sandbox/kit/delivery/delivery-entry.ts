import type { SandboxClock } from '../clock.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { SentNote } from './deliveries.ts';

/** How the ledger keeps an attempt: without the receiver's path, in which secrets stand. */
export function deliveryEntry(
  { to, durationMs, ...delivery }: SentNote,
  clock: SandboxClock,
): Omit<LedgerEntry, 'seq'> {
  const { outcome } = delivery;
  return {
    at: clock.now().toISOString(),
    kind: 'delivery',
    user: null,
    method: 'POST',
    path: URL.canParse(to) ? new URL(to).origin : '',
    status: outcome?.kind === 'answered' ? outcome.status : 0,
    durationMs,
    effects: [],
    delivery,
  };
}
