import type { CatalogueDiagnostic } from '../catalogue.ts';
import type { Branch, ModelDraft } from '../draft-models.ts';
import type { MappingPlan } from '../plan-mapping.ts';
import { allNeeds, matchesOf } from './needs.ts';

type Drafts = ReadonlyMap<string, ModelDraft>;

/**
 * Takes out the mappings whose `match` could never find anything: one that
 * needs its own result, and one to a field that nothing in this tenant fills.
 * What is left can be compiled in some order.
 */
export function refuseMatches(drafts: Drafts): Map<string, ModelDraft> {
  let left = new Map(drafts);
  // One that is refused leaves its field empty, on which another may rest.
  for (let refused = true; refused;) {
    refused = false;
    const next = new Map<string, ModelDraft>();
    for (const [name, draft] of left) {
      const checked = refuseIn(draft, left);
      refused ||= checked !== draft;
      next.set(name, checked);
    }
    left = next;
  }
  return left;
}

function refuseIn(draft: ModelDraft, drafts: Drafts): ModelDraft {
  const found: CatalogueDiagnostic[] = [];
  const branches = draft.branches.map((branch): Branch => {
    const plans = new Map(branch.plans);
    for (const [field, { plan }] of branch.plans) {
      const reason = whyNot(`${draft.model.name}.${field}`, plan, drafts);
      if (reason === null) continue;
      plans.delete(field);
      const name = `${draft.model.name}.${field}`;
      const message = `${name} is empty for records of ${branch.table.name}: ${reason}.`;
      found.push({ code: 'match_impossible', object: branch.table.name, field: name, message, suggestions: [] });
    }
    return plans.size === branch.plans.size ? branch : { ...branch, plans };
  });
  return found.length === 0 ? draft : { ...draft, branches, diagnostics: [...draft.diagnostics, ...found] };
}

function whyNot(field: string, plan: MappingPlan, drafts: Drafts): string | null {
  for (const { model, on, step } of matchesOf(plan)) {
    const branches = drafts.get(model)?.branches ?? [];
    for (const needed of [step.by, on]) {
      if (!branches.some((branch) => branch.plans.has(needed))) {
        return `it is matched by ${model}.${step.by}, and nothing in this tenant fills ${model}.${needed}`;
      }
    }
  }
  if (matchesOf(plan).length === 0 || !allNeeds(field, drafts).has(field)) return null;
  return 'what it is matched by needs this very field; match by a field that comes straight from the system';
}
