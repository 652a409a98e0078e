/** Reading a customer’s systems; part of `limits`. */
export const syncingLimits = {
  /** A worker that gave no sign of life for so long has lost its streams: another one goes on with them. */
  streamLeaseMs: 20_000,
  /** How often a worker gives a sign of life for a stream that it reads. */
  streamHeartbeatMs: 5_000,
  /** How often a worker looks for due streams when nothing woke it. */
  syncPollMs: 1_000,
  syncConcurrency: 8,
  /** Comparisons of a stream of which the report is kept. */
  sweepReportsKept: 20,
  /** What operators did to the sync of a tenant: so many of the newest are kept. */
  operatorActsKept: 1_000,
  /** Ids of records that are named for one reason why values are set aside, and reasons in one list. */
  quarantineExamplesMax: 5,
  quarantineGroupsMax: 500,
  /** A stream that is due and that nobody took for so long: there is no worker, or too few. */
  streamOverdueMs: 10 * 60_000,
  /** Tries of a page that cannot be read before its records are read one by one. */
  deadLetterTries: 3,
  /** Records and pages that were set aside and are tried again by one request. */
  lettersReplayedMax: 1_000,
  /** Share of them that one tenant may have. */
  tenantShare: 0.5,
  /** Tenants with something due that one round takes up; the others are those that wait less long. */
  dueTenantsMax: 200,
  /** A tenant of which nothing was heard is looked at so often all the same. */
  tenantLookMs: 10 * 60_000,
  /** A connection that has no objects yet: the next try to discover them. */
  discoverAgainMs: 20_000,
  /** Until tenants are looked at after a new revision: by then every process knows of it. */
  lookAfterChangeMs: 1_000,
  /** A first load of more records than this is asked for as one bulk job, where the provider has such jobs. */
  bulkFromRecords: 50_000,
  /** Records of one page of a bulk job's results: they are kept in one transaction. */
  bulkPageRecordsMax: 4_000,
  /** Between two looks at a bulk job; the first comes sooner. */
  bulkPollMaxMs: 15_000,
  /** How often all ids of an object are compared, where the provider tells nothing of deletions. */
  reconcileEveryMs: 24 * 3_600_000,
  /** Records that one statement of a comparison looks at. */
  sweepPartMax: 20_000,
  /** A comparison that misses more records than this, and more than this share of all, deletes nothing until it is confirmed. */
  sweepHeldFrom: 100,
  sweepHeldShare: 0.3,
  /** A later comparison that misses the same confirms it, if at least so much time lies between them. */
  sweepConfirmAfterMs: 12 * 3_600_000,
  /** Schemas asked for at once while a connection is discovered. */
  describesAtOnce: 4,
  /** Record types, rules and automations are asked for again after so long: they cost many calls and change seldom. */
  schemaMemoryMs: 15 * 60_000,
  /** Characters kept of a value that did not fit. */
  quarantineValueCharsMax: 500,
  /** Characters of such a value, as JSON, that are kept to be tried again without asking the provider. */
  quarantineNativeCharsMax: 65_536,
  /** Records with such values that one transaction tries again. */
  quarantineReplayMax: 200,
} as const;
