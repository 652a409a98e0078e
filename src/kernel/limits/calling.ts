/** One call to a provider, and what its answer may be; part of `limits`. */
export const callingLimits = {
  /** One upstream response. */
  responseBytesMax: 64 * 1024 * 1024,
  /** Those that get larger than this are read one after the other in a process: several of them at once would be its memory. */
  largeAnswerBytes: 16 * 1024 * 1024,
  /** Lists and objects within each other in one upstream response. */
  responseNestingMax: 100,
  /** A provider's own place in its feed: it travels in an address, and servers refuse those beyond 8 kB. */
  cursorCharsMax: 4_000,
  /** A provider's id of one record. */
  recordIdCharsMax: 255,
  /** Answers that one list of custom fields may take. */
  fieldListPagesMax: 100,
  /** Answers in a row without a record, each of which says that there is more. */
  emptyPagesMax: 100,
  /** Fields of one native object; a table with more is slower than anybody waits for. */
  objectFieldsMax: 2_000,
  /** Values of one picklist. */
  enumValuesMax: 20_000,
  /** Calendars of one user: the place in each is stored with every page. */
  calendarsMax: 2_000,
  /** Whom a provider gives access to, in the connector's alphabet. */
  granteeCharsMax: 120,
  /** Grantees of one record; a record with more is shown to nobody. */
  audienceGranteesMax: 500,
  /** Records of which one call asks whether a user is shown them. */
  visibleIdsMax: 200,
  /** Rows of one kind that say who may see what in one account (users, members of groups, field permissions). */
  accessRowsMax: 1_000_000,
  requestTimeoutMs: 60_000,
  /** Calls that look for the next place of a feed that can be read: to a second within a day, as far as the provider's own limit goes. */
  pastProbesMax: 24,
  /** One call of a sign-in with credentials: others wait for its end. */
  signInTimeoutMs: 15_000,
  requestAttemptsMax: 5,
  retryDelayMaxMs: 60_000,
  /** The longest wait that a provider can ask for: daily quotas last that long. */
  statedWaitMaxMs: 24 * 3_600_000,
  /** Records per ingest statement: larger ones hold locks past 50 ms (docs/decisions). */
  ingestBatchMax: 1_000,
  /** Fewer records than this are written without comparing first: one call costs more than their documents. */
  ingestCompareFrom: 20,
} as const;
