/** What happened, kept so that it can be shown. */
export const auditLimits = {
  /** What the database said of switches is believed so long; whoever stops all calls waits less than a second. */
  switchesKnownMs: 700,
  /** Tool calls wait so long at most until they are in the audit; a process that is killed loses these. */
  auditReadsFlushMs: 250,
  /** So many are kept at once; more do not wait for the time. */
  auditReadsBatch: 200,
  /** Tool calls that wait while the database does not answer; those beyond are counted, and the count is kept. */
  auditReadsWaitingMax: 20_000,
  /** An input that is longer as JSON is kept as its beginning. */
  auditInputChars: 4_000,
  /** A chain that grew gets a signed checkpoint within so long. */
  auditCheckpointMs: 60_000,
  auditPollMs: 5_000,
  auditLeaseMs: 30_000,
  auditTurnsAtOnce: 20,
  /** Entries in one answer. */
  auditListedMax: 1_000,
  /** Entries in one page of an export. */
  auditExportPage: 2_000,
  /** Longer than the six months that the EU's AI Act asks of logs (Art. 19, 26). */
  auditKeepDays: 190,
  auditKeepDaysMin: 183,
} as const;
