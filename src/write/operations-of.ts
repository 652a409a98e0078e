/** What switches may name: the plain operation, and those of the manifest that it comes from; a plan in steps has several, parted by spaces. */
export const operationsOf = (operation: string, intent: string | null): readonly string[] =>
  intent === null ? [operation] : [operation, ...intent.split(' ')];

/** Stands where a plan's operation of the manifest would: those are named `<model>.<operation>`. */
export const undoIntent = 'undo';

/** Pure: of one plan or of several. */
export const isUndoPlan = ({
  undoes,
  intent,
}: {
  readonly undoes: string | null;
  readonly intent: { readonly intent?: string };
}): boolean => undoes !== null || intent.intent === undoIntent;
