/** What answers, questions and projects may be; part of `limits`. */
export const readingLimits = {
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
  /** Callers whose rights are worked out and kept, of all tenants. */
  callersKnownMax: 1_000,
  /** How long a question waits for what a user may see, where it is too old or was never read. */
  accessWaitMs: 4_000,
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
} as const;
