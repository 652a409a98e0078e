/** Every bound in the system, by name, unit last. A limit that is not here does not exist. */
export const limits = {
  /** Rows in one answer, whatever the caller asks for. */
  queryRowsMax: 200,
  queryRowsDefault: 25,
  /** Rows an agent's SQL may return. */
  sqlRowsMax: 1_000,
  sqlTextBytesMax: 20_000,
  sqlTimeoutMs: 5_000,
  /** After an interrupt that did not take effect: the process is ended. */
  sqlKillGraceMs: 1_000,
  queryTimeoutMs: 10_000,
  /** Columns, sort keys, measures, groups and search words of one structured query. */
  queryColumnsMax: 60,
  querySortMax: 8,
  /** Characters of a text that count when sorting by it. */
  sortTextCharsMax: 300,
  queryMeasuresMax: 20,
  queryGroupsMax: 8,
  queryWordsMax: 8,
  /** Joins that one structured query makes by its paths and measures, nested ones included. */
  queryJoinsMax: 64,
  /** Lists and objects within each other in one structured query. */
  queryNestingMax: 64,
  /** Columns of an answer whose columns were not asked for. */
  queryColumnsDefault: 8,
  /** Nodes and nesting of an agent's parsed SQL. */
  sqlNodesMax: 2_000,
  /** Columns of all its tables, and of all that `*` stands for in it. */
  sqlColumnsMax: 20_000,
  sqlDepthMax: 60,
  /** Characters of a text literal that SQL functions may build new text from. */
  sqlBuildTextCharsMax: 200,
  /** How many times the text of one value an expression may build from it. */
  sqlTextGrowthMax: 200,
  /** `%` in one LIKE pattern: the work grows with the power of their number. */
  sqlLikeWildcardsMax: 8,
  /** Longer values go into a structured query as parameters. */
  sqlLiteralCharsMax: 200,
  /** Longer names get no suggestions: comparing them would hold up everybody else. */
  suggestCharsMax: 100,
  /** Lists of allowed names in an error; longer ones are for describe. */
  errorNamesMax: 30,
  /** Fields and enum values that describe shows unless full detail is asked for. */
  describeFieldsMax: 60,
  describeValuesMax: 30,
  describeNamesMax: 5,
  /** One answer of describe as JSON; fields and values beyond it are counted, not shown. */
  describeBytesMax: 100_000,
  catalogMatchesDefault: 15,
  catalogMatchesMax: 50,
  /** Records that a connector is asked for by id at once. */
  recordsByIdMax: 100,
  filterDepthMax: 8,
  filterNodesMax: 200,
  filterListItemsMax: 1_000,
  /** Characters of one text value in an answer; longer ones are cut and marked. */
  cellCharsMax: 2_000,
  /** Characters of a value that was asked for alone. */
  valueCharsMax: 200_000,
  /** Cut cells that an answer names. */
  longValuesMax: 5,
  /** Models of tenants whose counts of left-out records are kept. */
  leftOutCountsMax: 10_000,
  /** Deleted records that one answer names. */
  deletedRefsMax: 1_000,
  /** Earlier versions in one answer, and versions that are looked through for them. */
  historyMax: 50,
  historyVersionsMax: 500,
  /** How long earlier versions are kept where no policy says. */
  historyKeepDays: 90,
  /** How long changes are kept for lenses that were closed; one that is older is built anew. */
  changeKeepDays: 14,
  /** How often what is older is removed, and rows per statement. */
  pruneEveryMs: 3_600_000,
  pruneBatchMax: 2_000,
  /** How long an answer that must be newer than its data is waited for, and between two looks. */
  minAsOfWaitMs: 10_000,
  minAsOfLookMs: 250,
  /** Between two readings of a stream that questions ask for: however often they ask, it costs the customer's call budget no more. */
  minAsOfPauseMs: 2_000,
  /** A moment this far ahead of our clock is still taken for the present. */
  minAsOfSkewMs: 5_000,
  /** Characters of a text that a saved query takes. */
  savedQueryTextCharsMax: 500,
  /** Saved queries that one agent has as tools. */
  savedQueriesMax: 8,
  /** Rules and record types that describe shows unless full detail is asked for. */
  describeRulesMax: 10,
  describeRecordTypesMax: 20,
  /** Provider metadata that reaches agents (labels, help texts), characters. */
  labelCharsMax: 120,
  descriptionCharsMax: 400,
  manifestFileBytesMax: 1_000_000,
  /** Blocks within blocks in one project file. */
  manifestNestingMax: 50,
  /** One upstream response. */
  responseBytesMax: 64 * 1024 * 1024,
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
  requestTimeoutMs: 60_000,
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
  /** Change rows the lens applies in one transaction. */
  lensBatchMax: 5_000,
  lensIdleCloseMs: 300_000,
  /** Changes taken in after which a file is opened anew when nobody uses it: what has grown answers a quarter slower. */
  lensReopenAfterChanges: 50_000,
  /** DuckDB's buffers, per open tenant. */
  lensMemoryMb: 1_024,
  /** Spill files, per open tenant. */
  lensSpillMb: 2_048,
  /** Tenants whose files are open, and whose changes are looked for, at the same time; the least recently used one goes. */
  lensOpenMax: 1_024,
  /** Of them, unless told: as many as fit in this share of the machine's memory, at what an open file of a small tenant takes. */
  lensOpenMemoryShare: 0.2,
  lensFileMemoryMb: 5,
  lensOpenMin: 64,
  /** Tenants whose catalogues a process keeps compiled, some 50 to 200 kB each; the least recently used one goes. */
  cataloguesMax: 1_000,
  /** Structured reads at once, for each core, and after which time one no longer counts. */
  lensReadsPerCore: 2,
  lensLongReadMs: 50,
  /** The lens's process, beside its open files: above this while agents' SQL runs, it ends itself and starts anew. */
  lensProcessMemoryMb: 3_072,
  /** A process that gave no sign of life for so long (database time) holds no lens any more. */
  lensNodeTtlMs: 6_000,
  lensNodeBeatMs: 1_500,
  /** It stops answering this much earlier, by its own clock. */
  lensNodeMarginMs: 1_500,
  /** Between two attempts to find who answers for a tenant. */
  lensTakeoverPauseMs: 250,
  /** Changes of tenants that nobody reads are applied one tenant at a time, with this pause between them. */
  lensIdlePauseMs: 500,
  /** After a failure, a tenant's changes are tried again after the first pause; it doubles up to the second. */
  lensRetryMs: 250,
  lensRetryMaxMs: 8_000,
  /** Whoever found a tenant's local copy being built should ask again after so long. */
  lensBuildRetryMs: 2_000,
  /** Changes of a tenant after which its lens file is copied for other processes, and the least time between two copies. */
  lensSnapshotChanges: 20_000,
  lensSnapshotPauseMs: 600_000,
  /** Copying one file: other storage may be slow. The tenant's changes wait meanwhile, its readers do not. */
  lensSnapshotTimeoutMs: 600_000,
  /** One message of a load or an apply. */
  lensWriteTimeoutMs: 120_000,
  /** A read after a long pause or a new layout waits this long for the lens to catch up, then takes what is there. */
  lensSettleMs: 1_000,
  /** Relations of agents kept ready, per tenant. */
  lensSessionsMax: 8,
  /** Agents' SQL at the same time, per tenant and in all. */
  sqlConcurrentPerTenantMax: 2,
  sqlConcurrentMax: 8,
  /** Statements of agents that are parsed at the same time, all tenants. */
  sqlParsesMax: 4,
  /** A parse that a caller no longer waits for may go on for so long before the process is ended. */
  sqlParseEndMs: 60_000,
  /** `/*` in a statement, and `+` and `-` in a row: the parser's time grows with their square and cube. */
  sqlCommentsMax: 100,
  sqlSignRunMax: 100,
  /** Text in the rows of one SQL answer, characters. */
  sqlResultCharsMax: 4_000_000,
  /** How often the tailer looks when nothing woke it. */
  tailPollMs: 200,
  /** The pause doubles up to `tailPollMaxMs` while nothing is found; after a read the next look comes no later than this. */
  tailReadPollMs: 1_000,
  tailPollMaxMs: 5_000,
  /** PGlite serves one client: a second one waits this long for the lock file's owner to prove dead. */
  lockProbeMs: 2_000,
  /** How often the lock's owner touches its file, and how long one on another host may be silent before it counts as dead. */
  lockBeatMs: 1_000,
  lockForeignProbeMs: 10_000,
  /** With less room than this on its disk the embedded database only reads: its log grows by 16 MB at a time. */
  storeRoomMb: 32,
  /** With less than this, room is looked for before every use; else so often. */
  storeRoomNearMb: 512,
  storeRoomLookMs: 500,
  /** How long a request may take to arrive whole. */
  requestReceiveMs: 30_000,
  /** PostgreSQL server: one statement, an idle open transaction, and waiting for a connection. */
  statementTimeoutMs: 30_000,
  idleInTransactionMs: 60_000,
  connectTimeoutMs: 10_000,
  dbConnectionsMax: 10,
  /** Between two attempts to listen again after the server went away. */
  listenRetryMs: 500,
  /** A worker that gave no sign of life for so long has lost its streams: another one goes on with them. */
  streamLeaseMs: 20_000,
  /** How often a worker gives a sign of life for a stream that it reads. */
  streamHeartbeatMs: 5_000,
  /** How often a worker looks for due streams when nothing woke it. */
  syncPollMs: 1_000,
  syncConcurrency: 8,
  /** Comparisons of a stream of which the report is kept. */
  sweepReportsKept: 20,
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
  bulkPageRecordsMax: 10_000,
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
  oauthStateTtlMs: 10 * 60_000,
  /** How long a link to the connect page is good for, and how long at most. */
  connectTokenDefaultS: 900,
  connectTokenMaxS: 3_600,
  /** A link that ended is remembered for so long, to tell what became of it. */
  connectTokenKeepMs: 30 * 24 * 3_600_000,
  connectTokensListed: 200,
  /** Characters of a note to a pause, revocation or deletion. */
  noteCharsMax: 500,
  /** What is left to do for connections: how often it is looked for, how much at once, and how long one may have it. */
  choreLookMs: 2_000,
  choresAtOnce: 10,
  choreLeaseMs: 120_000,
  /** After a provider called a grant ended: the first call that may prove it wrong, and the longest pause between two. */
  probeAfterMs: 5 * 60_000,
  probeAfterMaxMs: 6 * 3_600_000,
  /** How long what is wrong with a tenant's connections is remembered for answers, where no hint comes. */
  connectionNotesTtlMs: 30_000,
  /** Rows of a deleted connection that one transaction removes. */
  purgePortionMax: 2_000,
  /** A token is refreshed when it has less than this left. */
  tokenRefreshMarginMs: 60_000,
  /** With more than this left it goes on being used while somebody refreshes it. */
  tokenUsableMs: 10_000,
  /** One call to a provider's token service: others wait for its end. */
  tokenCallTimeoutMs: 45_000,
  /** How often sign-ins are looked at that end by themselves, and how long ahead people are told: at each of these. */
  signInLookMs: 3_600_000,
  signInEndToldDays: [14, 3, 0],
  /** Secrets that are sealed anew in one transaction, and tenants whose keys are exchanged in one call. */
  resealBatchMax: 50,
  vaultTenantsMax: 20,
  /** A sign-in that the provider refused is not tried again for so long, by whatever process. */
  endedSignInPauseMs: 4 * 60_000,
  /** Waiting for whoever renews the same sign-in: longer than their one call may take. */
  renewalWaitMs: 55_000,
  /** A process that renews for longer than this has lost its turn: two calls and the time to keep what came of them. */
  renewalHoldMs: 150_000,
  /** Sign-ins that one process renews at once: each holds a connection of the pool meanwhile. */
  renewalsMax: 4,
  /** How long a process tries to keep new tokens while the database is away: most providers give them once. */
  tokenKeepForMs: 60_000,
  tokenKeepRetryMs: 250,
  /** One request at the MCP and REST doors. */
  doorBodyBytesMax: 256 * 1024,
  /** How long a client may keep the list of tools. */
  toolListTtlMs: 300_000,
  /** How often a listening client's tools are looked at for changes. */
  toolListLookMs: 2_000,
  /** Open streams of MCP clients that listen for changes: in one process of the newer protocol, and of one key. */
  mcpStreamsMax: 2_000,
  mcpStreamsPerKeyMax: 100,
  mcpKeepAliveMs: 15_000,
  /** A key that was looked up counts as good for so long without asking again; revoking tells all processes at once. */
  keyLookupTtlMs: 1_000,
  keysKnownMax: 10_000,
  /** Agents whose call rates one process remembers. */
  rateWindowsMax: 10_000,
  /** Share of a provider account's calls that only somebody who waits for an answer may use, where nothing else is said. */
  budgetReserveShare: 0.2,
  /** Calls that a process was allotted and has not made by then are given back. */
  budgetPortionMs: 2_000,
  /** A refusal for too many calls: the least wait, doubled for each one in a row up to the second. */
  limitedWaitMinMs: 1_000,
  limitedWaitFloorMaxMs: 60_000,
  /** Calls under way at once, in one process: to one provider account, and to one host. */
  callsPerAccountMax: 8,
  callsPerHostMax: 64,
  /** Equal questions of callers who wait are asked once in so long, and how many answers are kept for that. */
  sharedAnswerMs: 2_000,
  sharedAnswersMax: 100,
  /** Failures in a row after which a connection is no longer called; a call that hung counts once more for each such time. */
  circuitFailures: 5,
  circuitHangMs: 10_000,
  /** Until somebody tries whether it answers again: doubled after each trial that fails, up to the second. */
  circuitPauseMs: 5_000,
  circuitPauseMaxMs: 300_000,
  /** A trial whose process gave no word for so long is taken up by another one. */
  circuitTrialMs: 150_000,
  /** Streams of one connection that one worker process reads at once, however much else is free. */
  streamsPerConnection: 2,
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
  /** A line of events that a provider holds open: no word for so long ends it (Salesforce speaks within 270 s), and so does a ping without an answer. */
  eventLineSilenceMs: 300_000,
  eventLinePingMs: 60_000,
  eventLinePingTimeoutMs: 15_000,
  /** Between two attempts to open a line again: doubled for each that fails, up to the second. */
  eventLineRetryMs: 1_000,
  eventLineRetryMaxMs: 300_000,
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
} as const;
