import type { Connector } from '../../connectors/index.ts';
import type { LiveWays } from '../../manifest/index.ts';

/** How a provider tells of changes, as far as its connector knows; the rest only a connection can say. */
export function liveWaysOf({ events }: Pick<Connector, 'events'>): LiveWays {
  return {
    ...(events?.stream === undefined ? {} : { stream: 'any' }),
    ...(events?.webhooks === undefined ? {} : { webhook: events.webhooks.objects ?? 'any' }),
  };
}
