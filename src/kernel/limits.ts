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
  /** One call of a sign-in with credentials: a renewal holds the credential's row meanwhile. */
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
  /** With less room than this on its disk the embedded database only reads: its log grows by 16 MB. And between two looks. */
  storeRoomMb: 32,
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
  syncConcurrency: 4,
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
  /** A token is refreshed when it has less than this left. */
  tokenRefreshMarginMs: 60_000,
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
} as const;
