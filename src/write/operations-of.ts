/** What switches may name: the plain operation, and the one of the manifest that it comes from. */
export const operationsOf = (operation: string, intent: string | null): readonly string[] =>
  intent === null ? [operation] : [operation, intent];

/** Stands where a plan's operation of the manifest would: those are named `<model>.<operation>`. */
export const undoIntent = 'undo';
