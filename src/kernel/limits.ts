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
  filterDepthMax: 8,
  filterNodesMax: 200,
  filterListItemsMax: 1_000,
  /** Characters of one text value in an answer; longer ones are cut and marked. */
  cellCharsMax: 2_000,
  /** Provider metadata that reaches agents (labels, help texts), characters. */
  labelCharsMax: 120,
  descriptionCharsMax: 400,
  manifestFileBytesMax: 1_000_000,
  /** One upstream response. */
  responseBytesMax: 64 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  requestAttemptsMax: 5,
  retryDelayMaxMs: 60_000,
  /** Records per ingest statement: larger ones hold locks past 50 ms (docs/decisions). */
  ingestBatchMax: 1_000,
  /** Change rows the lens applies in one transaction. */
  lensBatchMax: 5_000,
  lensIdleCloseMs: 300_000,
  lensMemoryMb: 1_024,
  /** How often the tailer looks when nothing woke it. */
  tailPollMs: 200,
  /** PGlite serves one client: a second one waits this long for the lock file's owner to prove dead. */
  lockProbeMs: 2_000,
  oauthStateTtlMs: 10 * 60_000,
  /** A token is refreshed when it has less than this left. */
  tokenRefreshMarginMs: 60_000,
} as const;
