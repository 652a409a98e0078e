/** What was found when an undo was prepared, by plan, until the page is loaded again. */
export const undoReports = new Map<string, readonly string[]>();
