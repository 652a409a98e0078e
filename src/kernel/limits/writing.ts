/** Writes to customers' systems; part of `limits`. */
export const writingLimits = {
  /** Plans that nobody took up in time are looked for so often. */
  planExpiryEveryMs: 60_000,
  /** Accepted writes that could not be sent for so long never will be. */
  writeDeadlineMs: 4 * 3_600_000,
  /** Connections that one worker process writes to at once, and how many of them may be of one tenant. */
  writeTurnsAtOnce: 16,
  writeTurnsPerTenantAtOnce: 4,
  /** Sendings under way at once on one connection; no record is in two of them. */
  writeSendingsAtOnce: 4,
  /** Writes that are looked at together for sendings, and singles that share one reading of what stands there. */
  writesPerLookMax: 10_000,
  writeSinglesPerReading: 20,
  /** Where the system itself would not refuse a record that has changed: what was read so long ago is read again before a single one. */
  writeReadingWithinMs: 1_000,
  /** A worker that gave no sign of life for so long has lost its connections. */
  writeLeaseMs: 30_000,
  /** How often a worker looks for writes when nothing woke it, and at a connection that said nothing of when. */
  writePollMs: 1_000,
  writeLookMs: 60_000,
  /** Bytes leave so soon after the database said that they may, or it is asked again. */
  writeSendWithinMs: 500,
  /** Pauses before a write is tried again that the provider did not take, and how many tries there are. */
  writeRetryMs: [1_000, 5_000, 30_000, 120_000, 300_000],
  writeAttemptsMax: 12,
  /** Writes that a switch stops, or whose system cannot be reached, are looked at again after so long. */
  writeStoppedLookMs: 2_000,
  writeUnreachableMs: 10_000,
  /** An unknown outcome is asked for so often, and where nothing can be proven for so long; then a person has to look. */
  writeSettleEveryMs: 30_000,
  writeSettleMaxMs: 15 * 60_000,
  /** Where reading proves, but the provider does not answer, for so long. */
  writeProveMaxMs: 24 * 3_600_000,
  /** A request under the same key is the same request for so long. */
  writeKeyKeepMs: 7 * 24 * 3_600_000,
  /** Writes of an answer about a plan, and pending writes that an answer is completed from. */
  planWritesShownMax: 50,
  pendingWritesMax: 1_000,
  /** Writes that one undo takes back. */
  undoWritesMax: 10_000,
} as const;
