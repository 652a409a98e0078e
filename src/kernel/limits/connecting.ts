/** Connections, their sign-ins and keys; part of `limits`. */
export const connectingLimits = {
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
  /** Fewer than `renewalsMax`: ending a grant takes a place there, and renewals have to go on while providers hang. */
  choresAtOnce: 3,
  choreLeaseMs: 120_000,
  /** What one of them may take before its place is another's: ending a grant waits for a renewal, a webhook and the grant itself. */
  choreMaxMs: 90_000,
  /** Deleted connections whose records are removed at once, and how long one is worked at before the next. */
  purgesAtOnce: 2,
  purgeTurnMs: 20_000,
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
} as const;
