import type { WriteRight } from '../../connectors/index.ts';
import { limits, type Json } from '../../kernel/index.ts';
import { grouped } from '../grouped.ts';
import { stepResult } from '../steps/step-result.ts';
import type { Draft, Drafting } from './draft.ts';
import { isHiddenNative } from './field-place.ts';
import type { PlanPorts } from './ports.ts';
import { report, type Mistake } from './problems.ts';

/**
 * What the system itself would refuse the user is a problem of the plan. Only
 * records and fields that the user is shown are drafted, so that an answer tells
 * nothing of others. Raises `write_rights_unknown`.
 */
export async function checkUserRights(
  { userRights }: Pick<PlanPorts, 'userRights'>,
  drafting: Drafting,
  drafts: readonly Draft[],
): Promise<void> {
  const groups = grouped(drafts, ({ target, operation }) => `${String(target.stream.stream)} ${operation}`);
  for (const own of groups.values()) {
    const [first] = own;
    if (first === undefined) continue;
    const { target, operation } = first;
    const writes = own.map(({ recordId, match, values }) => ({ recordId, match, values: knownOf(drafting, values) }));
    const rights = await userRights({ stream: target.stream, operation, writes });
    for (const [at, draft] of own.entries()) {
      const right = rights?.[at];
      if (right !== undefined) reportRight(drafting, draft, right);
    }
  }
}

/** What an earlier step will make is asked about when it is there. */
const knownOf = ({ inSteps }: Drafting, values: Draft['values']): Readonly<Record<string, Json>> =>
  inSteps
    ? Object.fromEntries(
        Object.entries(values).map(([field, value]) => [field, stepResult(value) === null ? value : null]),
      )
    : values;

function reportRight(drafting: Drafting, draft: Draft, right: WriteRight): void {
  const { notes } = drafting;
  const { item } = draft;
  const slug = draft.target.stream.connectionSlug;
  switch (right.kind) {
    case 'may':
      return;
    case 'unknown':
      return report(notes, { item, path: '' }, unknownRight(slug, right.why));
    case 'may_not': {
      if (right.fields.length === 0) {
        return report(notes, { item, path: '' }, notPermitted(`${verbs[draft.operation]} this in ${slug}`, slug));
      }
      const named = new Set(right.fields.map((field) => askedName(drafting, draft, field)));
      for (const name of [...named].slice(0, limits.planProblemsMax)) {
        const what = name === null ? 'a field that goes with it' : name;
        report(
          notes,
          { item, path: name === null ? '' : `values.${name}` },
          notPermitted(`set ${what} so in ${slug}`, slug),
        );
      }
    }
  }
}

const verbs = { create: 'make', update: 'change', upsert: 'make or change', delete: 'delete' } as const;

const notPermitted = (what: string, slug: string): Mistake => ({
  code: 'write_not_permitted',
  message: `The user may not ${what}.`,
  fix: `Leave it out, or have an administrator of ${slug} give the user the right.`,
});

const unknownRight = (slug: string, why: string): Mistake => ({
  code: 'write_rights_unknown',
  message: why,
  fix: `Leave it out, or have the user sign in to ${slug}: with that sign-in the system decides itself.`,
});

/** A native field as it was asked for; null: nobody asked for it, or it is hidden from the user. */
function askedName({ asker, visible }: Drafting, { target, changes }: Draft, native: string): string | null {
  if (isHiddenNative(asker, target.stream.stream, native)) return null;
  const found = changes.find(({ field }) => {
    const inverse = target.writer?.fields.get(field);
    if (inverse?.kind === 'value' || inverse?.kind === 'lookup') return inverse.field.name === native;
    return (visible.fields.get(field)?.nativeName ?? field) === native;
  });
  return found?.field ?? null;
}
