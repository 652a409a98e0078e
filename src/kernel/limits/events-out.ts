/** Telling others of changes; part of `limits`. */
export const eventsOutLimits = {
  /** Subscriptions that one worker process delivers at once, and how many of them may be of one tenant. */
  subscriptionsAtOnce: 16,
  subscriptionsPerTenantAtOnce: 4,
  /** Calls under way at once, in one process, to one receiver's host. */
  deliveriesPerHostMax: 4,
  subscriptionsPerTenantMax: 200,
  /** A worker that gave no sign of life for so long has lost its subscriptions. Longer than an attempt may take. */
  subscriptionLeaseMs: 60_000,
  /** A subscription of which nothing was heard is looked at so often all the same. */
  subscriptionLookMs: 60_000,
  /** How often a worker looks for subscriptions when nothing woke it. */
  subscriptionPollMs: 1_000,
  /** Changes that are looked at in one transaction, and deliveries that are sent before the changes are looked at again. */
  changesPerLookMax: 500,
  deliveriesPerLookMax: 50,
  /** Open deliveries of one subscription from which on no further changes are looked at: they wait where they are. */
  deliveriesOpenMax: 10_000,
  /** A receiver has so long to answer. */
  deliveryTimeoutMs: 15_000,
  /** Bytes of an event's body; a larger one says where to fetch what it would have held. */
  eventBytesMax: 256 * 1024,
  /** Tries of a delivery after the first, in seconds after the one before: three days in all. */
  deliveryRetryS: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
  /** Up to so much of each pause is added by chance. */
  deliveryJitterShare: 0.1,
  /** The longest quiet that a receiver may ask for. */
  deliveryRestMaxMs: 24 * 3_600_000,
  /** A subscription of which every delivery failed for so long is switched off. */
  deliveryFailingMaxMs: 5 * 24 * 3_600_000,
  /** How long deliveries are listed after they ended: dead ones can be replayed for so long. */
  deliveryKeepMs: 7 * 24 * 3_600_000,
  deliveryDeadKeepMs: 14 * 24 * 3_600_000,
  /** A secret signs beside its successor for so long. */
  secretOverlapMs: 24 * 3_600_000,
  /** An open event stream: signs of life, and how many one key and one process may have. */
  eventBeatMs: 15_000,
  eventStreamsPerKeyMax: 20,
  eventStreamsMax: 2_000,
  /** Addresses of events that one MCP stream follows; each counts as an event stream. */
  mcpEventLinksMax: 10,
  /** Bytes of a page of events. */
  eventPageBytesMax: 512 * 1024,
} as const;
