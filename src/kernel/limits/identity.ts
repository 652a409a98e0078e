/** Tokens, sign-ins and who acts; part of `limits`. */
export const identityLimits = {
  /** Clocks of identity providers and ours may differ by so much. */
  tokenClockToleranceS: 30,
  tokenCharsMax: 8_000,
  /** Tokens that were checked and are remembered; whether they were taken back is asked again after `keyLookupTtlMs`. */
  tokensKnownMax: 10_000,
  /** Keys of an identity provider: asked for again at most so often, when they are so old, and no longer good without an answer after that. */
  keySetCooldownMs: 30_000,
  keySetFreshMs: 3_600_000,
  keySetGoodMs: 24 * 3_600_000,
  keySetBytesMax: 512 * 1024,
  identityCallTimeoutMs: 10_000,
  /** Users that one process remembers as callers. */
  callersKnownMax: 5_000,
  /** A key's use is noted when the last note is older than this. */
  keyUseNotedMs: 3_600_000,
  /** How long a key that was replaced goes on being good, unless it is said, and at most. */
  keyOverlapDefaultHours: 24,
  keyOverlapMaxHours: 30 * 24,
  /** What our authorization server hands out. */
  accessTokenS: 600,
  refreshTokenS: 30 * 24 * 3_600,
  signInSessionS: 12 * 3_600,
  exchangedTokenS: 300,
  signInLinkS: 300,
  /** Sign-ins that may be begun from one address. */
  signInsPerMinute: 120,
  /** Wrong passwords in a row, and how long none is tried then. */
  passwordAttemptsMax: 5,
  passwordLockMs: 15 * 60_000,
  passwordCharsMin: 12,
  passwordCharsMax: 200,
  /** Passwords that one process tries at once. */
  passwordChecksMax: 4,
  clientDocumentBytesMax: 32 * 1024,
} as const;
