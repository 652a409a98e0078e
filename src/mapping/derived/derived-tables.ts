import type { LensDerived } from '../catalogue.ts';
import { leavesOut, type PartCompiler } from '../compile-parts.ts';
import type { ModelDraft } from '../draft-models.ts';
import { matchTable } from '../match/match-name.ts';
import { lensMatch } from '../match/match-table.ts';
import { matchesOf } from '../match/needs.ts';
import type { MatchSegment } from '../match/plan-match.ts';
import { lensMerge } from '../merge/lens-merge.ts';
import type { MergePlan } from '../merge/plan-merge.ts';

/** The tables for all merges and matches, each after those that it reads; that there is such an order was seen to by refuseMatches. */
export function derivedTables(
  drafts: ReadonlyMap<string, ModelDraft>,
  merges: ReadonlyMap<string, MergePlan>,
  compiler: PartCompiler,
): LensDerived[] {
  const made = new Map<string, LensDerived>();
  const draftOf = (name: string): ModelDraft => {
    const draft = drafts.get(name);
    if (draft === undefined) throw new Error(`nothing feeds ${name}`);
    return draft;
  };
  function makeMatchesOf({ branches }: ModelDraft, fields: readonly string[]): void {
    for (const { plans, object } of branches) {
      const deciding = [...object.fields.values()].filter(leavesOut).map((each) => each.field);
      for (const field of [...fields, ...deciding]) {
        const entry = plans.get(field);
        if (entry !== undefined) matchesOf(entry.plan).forEach(makeMatch);
      }
    }
  }

  function makeMerge(name: string): void {
    const plan = merges.get(name);
    if (plan === undefined || made.has(name)) return;
    const draft = draftOf(name);
    makeMatchesOf(draft, plan.view.by);
    made.set(name, lensMerge(draft, plan, compiler.parts(name, new Set(plan.view.by))));
  }

  function makeMatch(match: MatchSegment): void {
    const { model, on, step } = match;
    const name = matchTable(match);
    if (made.has(name)) return;
    const draft = draftOf(model);
    makeMerge(model);
    makeMatchesOf(draft, [step.by, on]);
    const parts = compiler.parts(model, new Set([step.by, on]));
    made.set(name, lensMatch(match, draft, merges.get(model)?.view ?? null, parts));
  }

  for (const [name, draft] of drafts) {
    makeMerge(name);
    makeMatchesOf(draft, [...draft.model.fields.keys()]);
  }
  return [...made.values()];
}
