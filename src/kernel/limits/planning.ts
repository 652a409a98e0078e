/** What one prepared write may be; part of `limits`. */
export const planningLimits = {
  /** Records of one plan. */
  planRecordsMax: 10_000,
  /** Steps of one plan. */
  planStepsMax: 10,
  /** How long a prepared plan can be committed. */
  planLifeMs: 30 * 60_000,
  /** One request that prepares a plan at the REST door. */
  planBodyBytesMax: 8 * 1024 * 1024,
  /** Problems, warnings, preconditions and side effects of one plan, each; the rest is counted. */
  planProblemsMax: 100,
  planWordsMax: 20,
  /** Writes of a plan that an answer shows; the rest is behind its link. */
  planRowsShown: 5,
  /** Writes of a plan on one page behind its link, and characters of one value there. */
  planPageMax: 200,
  planValueCharsMax: 300,
  planReasonCharsMax: 1_000,
  /** How long an activity may have taken: a year. */
  intentMinutesMax: 525_600,
  /** One run of an operation in TypeScript, the start of its thread, and megabytes that it may use. */
  operationRunMs: 1_000,
  operationStartMs: 10_000,
  operationMemoryMb: 64,
  /** Characters of what an operation in TypeScript says of an error. */
  operationErrorCharsMax: 500,
  plansListedMax: 200,
  deadWritesListedMax: 500,
} as const;
