import type { IntentWay } from '../../connectors/index.ts';
import { report, type Mistake, type Notes } from './problems.ts';
import type { ResolvedRecord } from './resolved-record.ts';
import type { NamedGrant } from './write-rights.ts';

/** What an intent says beside the write that it comes to. */
export interface Intended {
  readonly title: string;
  /** What the agent may write of it where it is granted by its name. */
  readonly named: NamedGrant;
  readonly sideEffects: readonly string[];
  readonly warnings: readonly string[];
  /** Inputs that are not given and that the app asks for. */
  readonly missing: readonly MissingInput[];
  /** What is wrong with an input itself. */
  readonly mistakes: readonly { readonly item: number; readonly input: string; readonly mistake: Mistake }[];
}

export interface MissingInput {
  readonly item: number;
  readonly input: string;
  readonly need: IntentWay['needs'][string];
}

/** What the app asks for is looked at before anything is sent: a contact needs an account. */
export function checkIntended(
  { missing, mistakes, warnings }: Intended,
  records: readonly ResolvedRecord[],
  notes: Notes,
): void {
  for (const text of warnings) notes.warnings.add(text);
  for (const { item, input, mistake } of mistakes) report(notes, { item, path: `input.${input}` }, mistake);
  const byItem = new Map(records.map((record) => [record.item, record]));
  for (const { item, input, need } of missing) {
    const record = byItem.get(item);
    if (record === undefined || (need.of === 'new' && record.recordId !== null)) continue;
    report(
      notes,
      { item, path: `input.${input}` },
      { code: 'write_precondition_failed', message: need.why, fix: `Give \`${input}\`.` },
    );
  }
}
