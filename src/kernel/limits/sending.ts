/** How connectors send what is to be written. */
export const sendingLimits = {
  /** From so many records on a write goes by bulk job instead of collections of 200. */
  writeJobFromRecords: 2_000,
  /** Records in one bulk job; plans have no more. */
  writeJobRecordsMax: 10_000,
} as const;
