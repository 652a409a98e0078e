/** Being told of changes; part of `limits`. */
export const eventsInLimits = {
  /** A line of events that a provider holds open: no word for so long ends it (Salesforce speaks within 270 s), and so does a ping without an answer. */
  eventLineSilenceMs: 300_000,
  eventLinePingMs: 60_000,
  eventLinePingTimeoutMs: 15_000,
  /** Between two attempts to open a line again: doubled for each that fails, up to the second. */
  eventLineRetryMs: 1_000,
  eventLineRetryMaxMs: 300_000,
  /** Failures in a row after which a line counts as broken: its connection is degraded. */
  eventLineBrokenFailures: 3,
  /** Whoever follows a line gives a sign of life so often; without one for the second, another process takes it over. */
  eventLineBeatMs: 5_000,
  eventLineLeaseMs: 20_000,
  /** How often a process looks for lines that nobody follows. */
  eventLineLookMs: 2_000,
  /** Until a line of a connection that is paused or signed out is looked at again. */
  eventLinePausedLookMs: 15_000,
  /** Lines that one process follows at once. */
  eventLinesMax: 1_000,
  /** Bytes of a delivery's body. */
  webhookBodyBytesMax: 1024 * 1024,
  /** A delivery's own time may differ from ours by so much, both ways. */
  webhookAgeMaxMs: 300_000,
  /** How long what an address stands for is remembered; a wrong signature has it read again. */
  webhookCacheMs: 5_000,
  /** That something was heard is noted so often, however much comes. */
  webhookHeardEveryMs: 10_000,
  /** A webhook's former secret is good for so long. */
  webhookSecretOverlapMs: 24 * 3_600_000,
  /** Whoever empties an inbox has it for so long; prolonged with each portion. */
  inboxLeaseMs: 30_000,
  /** Events that are looked at in one go. */
  inboxPortionMax: 500,
  /** Inboxes that one process empties at once. */
  inboxesAtOnce: 8,
  /** How often a process looks for inboxes with something to do, woken or not. */
  inboxLookMs: 1_000,
  /** Until an inbox of a connection that is paused or signed out is looked at again. */
  inboxPausedLookMs: 15_000,
  /** Pauses between tries of an event: doubled for each, up to the second; given up after so many. */
  inboxRetryMs: 1_000,
  inboxRetryMaxMs: 600_000,
  inboxTriesMax: 12,
  /** Ended events are kept for so long: what is told again meanwhile does nothing. */
  inboxKeepDays: 3,
  /** Those that were given up: they can be replayed for so long. */
  inboxDeadKeepDays: 30,
  /** What a provider is told to wait for when a delivery cannot be kept: Zendesk repeats a 503 only with a word below a minute. */
  webhookRetryAfterS: 5,
  /** How often a process looks for webhooks to register, renew or take back, and how many it is at at once. */
  webhookLookMs: 2_000,
  webhookTurnsAtOnce: 4,
  /** Whoever registers one has it for so long; the provider's answers have to come within the second. */
  webhookLeaseMs: 180_000,
  webhookCallsMaxMs: 120_000,
  /** How often it is looked whether a webhook is still wanted as it is; and the provider asked whether it is still there. */
  webhookWishEveryMs: 600_000,
  webhookProveEveryMs: 6 * 3_600_000,
  /** One that ends is registered anew so long before. */
  webhookRenewAheadMs: 24 * 3_600_000,
  /** Between two attempts to register: doubled for each that fails, up to the second. */
  webhookRetryMs: 30_000,
  webhookRetryMaxMs: 3_600_000,
  /** Attempts to take a webhook back at the provider; it ends by our address being nobody's then. */
  webhookRemoveTriesMax: 5,
  /** How long ending a grant waits for that. */
  webhookRemoveMaxMs: 10_000,
} as const;
