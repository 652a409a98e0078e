import { leavesOut } from '../compile-parts.ts';
import type { ModelDraft } from '../draft-models.ts';
import type { MappingPlan } from '../plan-mapping.ts';
import type { MatchSegment } from './plan-match.ts';

type Drafts = ReadonlyMap<string, ModelDraft>;

export const matchesOf = (plan: MappingPlan): MatchSegment[] =>
  plan.segments.filter((segment) => segment.kind === 'match');

/**
 * What has to be known first, all the way. `deal.account` stands for a field's
 * values, `deal` for which rows the model has.
 */
export function allNeeds(start: string, drafts: Drafts): Set<string> {
  const found = new Set<string>();
  const ahead = needsOf(start, drafts);
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    ahead.push(...needsOf(node, drafts));
  }
  return found;
}

function needsOf(node: string, drafts: Drafts): string[] {
  const [name = '', field] = node.split('.');
  const draft = drafts.get(name);
  if (draft === undefined) return [];
  const { model, branches } = draft;
  if (field === undefined) {
    const deciding = branches.flatMap(({ object }) => [...object.fields.values()].filter(leavesOut));
    return [...deciding, ...model.match].map((each) => `${name}.${each.field}`);
  }
  const plans = branches.flatMap((branch) => branch.plans.get(field)?.plan ?? []);
  return plans.flatMap(matchesOf).flatMap(({ model: to, on, step }) => [to, `${to}.${step.by}`, `${to}.${on}`]);
}
