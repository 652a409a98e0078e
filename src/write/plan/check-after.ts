import { matches, operandsOf, valueKindOf, type Filter } from '../../filter/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { stepResult } from '../steps/step-result.ts';
import type { Draft, Drafting } from './draft.ts';
import { afterOf } from './impact.ts';
import type { FindFound, Wish } from './lookups.ts';
import { report } from './problems.ts';

/** What a grant's or an operation's condition says of a record that is not there yet. */
export function holdsAfter(
  filter: Filter,
  draft: Pick<Draft, 'before' | 'changes'>,
  { visible }: Pick<Drafting, 'visible'>,
  now: Date,
): boolean {
  const crosses = operandsOf(filter).some((operand) => operand.kind === 'measure' || operand.path.includes('.'));
  // Of other records nothing is known before this one is there: nobody may count on it.
  if (crosses) return false;
  const after = afterOf(draft);
  // What an earlier step will make is not known either.
  if (
    operandsOf(filter).some(
      (operand) => operand.kind === 'path' && stepResult(after.get(operand.path) ?? null) !== null,
    )
  )
    return false;
  try {
    return matches(filter, {
      now,
      where: 'write',
      read: (operand) => {
        const name = operand.kind === 'path' ? operand.path : '';
        const field = visible.fields.get(name);
        return { kind: valueKindOf(field?.type ?? 'json'), value: after.get(name) ?? null };
      },
    });
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}

/** New records outside of what the grant lets the agent write are reported. */
export function checkGrantOfNew(drafting: Drafting, drafts: readonly Draft[], now: Date): void {
  const { rights, notes, visible, asker } = drafting;
  const { where } = rights;
  if (where === null) return;
  for (const draft of drafts) {
    if (draft.recordId !== null || holdsAfter(where, draft, drafting, now)) continue;
    report(
      notes,
      { item: draft.item, path: '' },
      {
        code: 'write_not_granted',
        message: `The grant of ${asker.agent.name} does not let it make such a ${visible.name}.`,
        fix: 'Give it the values that the grant asks for.',
      },
    );
  }
}

/** Look-ups by which it is seen whether another record has a value that only one may have. */
export function uniqueWishes({ visible }: Drafting, drafts: readonly Draft[]): Wish[] {
  return drafts.flatMap((draft) =>
    uniqueChanges(draft).map(({ field, after }) => ({
      finder: { object: visible.name, by: field, take: null },
      value: after,
    })),
  );
}

export function checkUnique(drafting: Drafting, drafts: readonly Draft[], find: FindFound): void {
  for (const draft of drafts) {
    for (const { field, after } of uniqueChanges(draft)) {
      if (find({ object: drafting.visible.name, by: field, take: null }, after).kind === 'none') continue;
      report(
        drafting.notes,
        { item: draft.item, path: `values.${field}` },
        {
          code: 'write_value_duplicate',
          message: `Another record has this ${field} already, and it has to be different in each.`,
          fix: 'Update that record instead, or choose another value.',
        },
      );
    }
  }
}

/** An upsert finds by such a value itself. */
function uniqueChanges(draft: Draft) {
  const { target, changes, match } = draft;
  return changes.filter(({ field, after }) => {
    if (after === null || typeof after === 'object') return false;
    const inverse = target.writer?.fields.get(field);
    const name = inverse?.kind === 'value' ? inverse.field.name : target.writer === null ? field : null;
    if (name === null || name === match?.field) return false;
    return target.stream.object.fields.some((native) => native.name === name && native.unique === true);
  });
}
