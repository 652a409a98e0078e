/** Of one account at the provider, whatever connections share it. */
export interface RateLimits {
  readonly windows: readonly RateLimit[];
  /** Calls under way at once; null: the provider sets none. */
  readonly concurrent: number | null;
}

/** So many calls in any span of `windowMs`. */
export interface RateLimit {
  readonly name: string;
  readonly windowMs: number;
  /** Assumed until the provider says otherwise. */
  readonly calls: number;
  /** On the provider's largest plan: no configuration goes beyond it. */
  readonly callsMax: number;
  /** Share that background work never takes; null: the usual one. */
  readonly reserve: number | null;
  /** Counts every call; else those only that name it (`CallAttempt.limit`). */
  readonly common: boolean;
  /** The provider's readings are of this one. */
  readonly read: boolean;
}

/** An account's allowance as the provider counts it. */
export interface AllowanceReading {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the window ends; null where the provider does not say. */
  readonly resetsInMs: number | null;
}
