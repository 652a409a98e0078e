/** Lens files and the processes that hold them; part of `limits`. */
export const lensLimits = {
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
} as const;
