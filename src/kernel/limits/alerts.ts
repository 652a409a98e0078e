/** Bounds of telling people of problems; part of `limits`. */
export const alertLimits = {
  /** A tenant's problems are looked at so often all the same, and how often a process looks for tenants whose turn it is. */
  alertLookMs: 300_000,
  alertPollMs: 1_000,
  /** After a look that could not be done. */
  alertRetryMs: 30_000,
  /** Tenants whose problems one process looks at at once, and how long one may take before another process takes it over. */
  alertTurnsAtOnce: 4,
  alertLeaseMs: 90_000,
  /** A problem that is gone counts as over after so long; doubled for each time that it came back within a day, up to the second. */
  alertHoldMs: 300_000,
  alertHoldMaxMs: 2 * 3_600_000,
  alertRecentMs: 24 * 3_600_000,
  /** What nobody acknowledged is told again after so long, where the project says nothing. */
  alertRemindMs: 24 * 3_600_000,
  /** Alerts that are over are listed for so long. */
  alertKeepMs: 30 * 24 * 3_600_000,
  alertsListedMax: 1_000,
  /** Messages that one route is told in one turn; the rest waits for the next one. */
  alertNoticesPerTurnMax: 50,
  /** A receiver or mail server has so long for one message. */
  alertSendTimeoutMs: 15_000,
  alertTitleCharsMax: 200,
  alertTextCharsMax: 1_500,
  /** Routes of a project, and addresses of one. */
  alertRoutesMax: 50,
  alertAddressesMax: 20,
  /** A pause that nobody ended, and a stream that was due and that nobody read, are told of after so long. */
  alertPausedMs: 3 * 24 * 3_600_000,
  alertOverdueMs: 30 * 60_000,
  /** Calls, objects, lines and registrations that fail: told of when it lasts. */
  alertFailingMs: 15 * 60_000,
} as const;
