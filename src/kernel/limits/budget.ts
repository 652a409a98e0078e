/** Sharing a provider’s limits; part of `limits`. */
export const budgetLimits = {
  /** Share of a provider account's calls that only somebody who waits for an answer may use, where nothing else is said. */
  budgetReserveShare: 0.2,
  /** People and the log are told that calls run out only of limits whose window is at least so long. */
  budgetToldWindowMs: 3_600_000,
  /** Calls that a process was allotted and has not made by then are given back. */
  budgetPortionMs: 2_000,
  /** A refusal for too many calls: the least wait, doubled for each one in a row up to the second. */
  limitedWaitMinMs: 1_000,
  limitedWaitFloorMaxMs: 60_000,
  /** Background work that would have to wait longer for its budget comes again later, and leaves its place meanwhile. */
  backgroundWaitMs: 10_000,
  /** Calls under way at once, in one process: to one provider account, and to one host. */
  callsPerAccountMax: 8,
  callsPerHostMax: 64,
  /** Equal questions of callers who wait are asked once in so long, and how many answers are kept for that. */
  sharedAnswerMs: 2_000,
  sharedAnswersMax: 100,
  /** Failures in a row after which a connection is no longer called; a call that hung counts once more for each such time. */
  circuitFailures: 5,
  circuitHangMs: 10_000,
  /** How often somebody who waits for a place looks whether one is held by a call that hangs. */
  hangLookMs: 1_000,
  /** Until somebody tries whether it answers again: doubled after each trial that fails, up to the second. */
  circuitPauseMs: 5_000,
  circuitPauseMaxMs: 300_000,
  /** A trial whose process gave no word for so long is taken up by another one. */
  circuitTrialMs: 150_000,
  /** Streams of one connection that one worker process reads at once, however much else is free. */
  streamsPerConnection: 2,
} as const;
