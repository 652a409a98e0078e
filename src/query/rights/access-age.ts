import type { Caller } from '../../access/index.ts';
import type { StreamId } from '../../kernel/index.ts';

/**
 * How old the oldest of the rights is on which an answer from these streams
 * rests; null where it rests on none. Streams that only a rule of the tenant's
 * looks at are not the principal's to see, and do not count.
 */
export function accessAsOf({ principal }: Caller, streams: Iterable<StreamId>): Date | null {
  let oldest: Date | null = null;
  for (const stream of streams) {
    const rights = principal?.streams.get(stream);
    if (rights?.kind === 'known' && (oldest === null || rights.asOf < oldest)) oldest = rights.asOf;
  }
  return oldest;
}
