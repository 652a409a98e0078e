const HOUR_MS = 3_600_000;

/** Bounds of policy and approvals; part of `limits`. */
export const approvalLimits = {
  /** Rules of a project, and names in one list of a rule. */
  approvalRulesMax: 100,
  approvalNamesMax: 50,
  /** Distinct people that one rule asks at most. */
  approvalPeopleMax: 5,
  /** How long an approver has where a rule says nothing; twice that after it was asked, an approval that nobody gave counts as denied. */
  approvalSlaMs: 4 * HOUR_MS,
  approvalSlaMinMs: 60_000,
  approvalExpirySlas: 2,
  /** A review afterwards is due after so long where a rule says nothing. */
  reviewWithinMs: 24 * HOUR_MS,
  /** What was accepted is summed over so long at most, and kept so long. */
  spentWindowMaxMs: 31 * 24 * HOUR_MS,
  /** Of one plan, what people are shown in a message, and the list in a page. */
  approvalChangesShownMax: 50,
  approvalChangesKeptMax: 500,
  approvalReasonCharsMax: 2_000,
  approvalsListedMax: 500,
  /** A link decides for so long at most. */
  approvalLinkMs: 72 * HOUR_MS,
  /** A role that an identity provider gives is believed for so long after the newest token that says so was issued. */
  approvalTokenHoldsMs: 72 * HOUR_MS,
  /** Who signed in to decide stays so for so long. */
  approvalSessionMs: 8 * HOUR_MS,
  delegationMaxMs: 90 * 24 * HOUR_MS,
  /** How often a process looks for tenants in which something is due, and how long one may take. */
  approvalPollMs: 1_000,
  approvalTurnsAtOnce: 4,
  approvalLeaseMs: 60_000,
  approvalRetryMs: 30_000,
  /** Nothing else being due, a tenant is looked at again after so long. */
  approvalIdleMs: 300_000,
  approvalNoticesPerTurnMax: 50,
  /** Tries to tell somebody, with twice the pause after each. */
  approvalTellTries: 8,
  approvalTellPauseMs: 15_000,
} as const;
