/** Erasing people's data, and tenants that leave; part of `limits`. */
export const erasureLimits = {
  /** Records of one person, and records of others that name them. */
  erasureRecordsMax: 10_000,
  erasureMentionsMax: 50_000,
  /** Records that one statement looks through. */
  erasureScanMax: 2_000,
  /** Entries of the audit that one transaction empties, and one entry tells of. */
  erasureEntriesMax: 1_000,
  /** Times that it is looked again because something had come in meanwhile; then the proof says what is left. */
  erasureRoundsMax: 5,
  /** What may be asked for at once: records, users, texts; and how short a text may be. */
  erasureNamedMax: 1_000,
  erasureTextsMax: 20,
  erasureTextMin: 4,
  erasuresListed: 200,
  /** Erasures and off-boardings at work at once in one process, and how long one is before another has its turn. */
  erasuresAtOnce: 2,
  erasureTurnMs: 60_000,
  /** How long whoever asked waits for the end before they are told how far it is. */
  erasureAnswerMs: 20_000,
  /** How long a leaving tenant's providers are given to end grants and webhooks, and between two attempts. */
  offboardingPatienceMs: 3_600_000,
  offboardingRetryMs: 30_000,
  /** Rows that one transaction removes. */
  offboardingPortionMax: 5_000,
  /** How long files of a tenant that left may stay open before they are removed all the same, and how often that is looked at. */
  lensDiscardWaitMs: 10_000,
  lensDiscardLookMs: 50,
  /** Keys, links and sessions of a tenant that end in one transaction. */
  offboardingDoorsMax: 1_000_000,
  offboardingsListed: 200,
} as const;
