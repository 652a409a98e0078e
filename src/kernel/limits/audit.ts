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
  /** Where nobody says another. Longer than the six months that the EU's AI Act asks of logs (Art. 19, 26). */
  auditKeepDays: 190,
  auditKeepDaysMin: 183,
  auditKeepDaysMax: 36_500,
  /** What stops writes by itself: triggers of a project, and how long they look back. */
  switchTriggersMax: 20,
  switchWindowMinMs: 60_000,
  switchWindowMaxMs: 31 * 24 * 3_600_000,
  /** A window is counted in so many parts: what is up to one of them older still counts. */
  switchWindowParts: 60,
  switchLeastMax: 10_000,
  /** The list before a launch: keys are exchanged so often where nobody says otherwise; */
  rotateDays: 90,
  /** one workflow goes first for so long; */
  pilotDays: 30,
  /** a rehearsal counts for so long; */
  rehearsedDays: 90,
  /** a question of the audit is answered within so long. */
  auditAnswerMs: 1_000,
  /** Tenants in one answer of the list. */
  checklistTenantsMax: 200,
} as const;
