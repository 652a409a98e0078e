/** Who is shown what; part of `limits`. */
export const accessLimits = {
  /** What is known of rights may be so old; older is read again before a question is answered. */
  accessMaxAgeMs: 15 * 60_000,
  /**
   * A connection has its turn so often: standings and shares are read again
   * each time, facts of the account and the list of all shares each second
   * time. Together with the turn itself less than `accessMaxAgeMs`; more often
   * where a project sets a smaller bound than that, in proportion.
   */
  accessRefreshMs: 6 * 60_000,
  accessFactsMs: 11 * 60_000,
  accessListMs: 10 * 60_000,
  /** Shares that are in doubt are listed sooner. */
  accessDoubtedListMs: 60_000,
  /** A few records are asked for again, as the check of what was derived. */
  accessSampleMs: 10 * 60_000,
  accessSampleSize: 5,
  /** Classes that no record has any more are left lying up to so many; all records are looked through to find them. */
  accessUnusedClassesMin: 200,
  /** Records whose audience is worked out in one transaction. */
  accessPortion: 500,
  /** Ids that a provider is asked about in one call, as a user. */
  accessIdsMax: 200,
  /** Users asked as with their own sign-ins at the same time; those whose lists are of one moment. */
  accessUsersAtOnce: 4,
  accessOwnListGroup: 20,
  /** Ids of users' lists in memory before they are kept; one list may be longer. */
  accessOwnIdsMax: 500_000,
  /** Records of which a source is asked for one answer whose user wants rights as of this moment. */
  freshAccessRecordsMax: 1_000,
  /** A process that gave no sign of life for so long has lost its turn. Longer than a call may take. */
  accessLeaseMs: 120_000,
  /** How often a worker looks for turns that are due, and how many it takes at once. */
  accessPollMs: 1_000,
  accessTurnsAtOnce: 4,
  /** What is kept in memory of a principal's rights is looked at again after so long, whatever is heard. */
  accessCacheMs: 1_000,
  accessCacheMax: 2_000,
  /** Rights are told once the lens has what they were read with; it may take so long before those of before are told. */
  accessCatchUpMs: 2_000,
  /** Users of the product that are linked in one connection, and users of an account that are looked through for it. */
  linksPerConnectionMax: 5_000,
  sourceUsersMax: 50_000,
} as const;
