import { canonicalJson, type Json } from '../kernel/index.ts';
import type { PlanDetail, PlanKind } from './plan.ts';

/**
 * Whether changing one setting can make something that works today stop, or
 * answer with less. Titles and explanations never do; removing a thing always
 * does (plan-change.ts).
 */
export function isBreakingChange(kind: PlanKind, detail: PlanDetail): boolean {
  switch (kind) {
    case 'field':
      return fieldBreaks(detail);
    case 'relation':
      return true;
    case 'integration':
      return detail.key === 'connector' || (detail.key === 'alsoSync' && losesItems(detail));
    case 'object':
      return objectBreaks(detail);
    case 'mapping':
      return detail.key === 'onMissing' && detail.to === 'skip';
    case 'agent':
      return (detail.key === 'tools' && losesItems(detail)) || (isBound(detail.key) && isLower(detail));
    case 'grant':
      return (detail.key === 'fields' && losesItems(detail)) || (detail.key === 'where' && detail.to !== null);
    case 'project':
    case 'model':
      return false;
  }
}

function fieldBreaks(detail: PlanDetail): boolean {
  if (detail.key === 'values') return losesItems(detail);
  if (detail.key === 'sensitive') return detail.to === true;
  return detail.key === 'type' || detail.key === 'reference' || detail.key === 'currency';
}

function objectBreaks(detail: PlanDetail): boolean {
  if (detail.key === 'model') return detail.from !== null;
  if (detail.key === 'where') return detail.to !== null;
  if (detail.key !== 'sync') return false;
  const days = (value: Json): Json => (value as { readonly backfillDays: Json }).backfillDays;
  return isLower({ key: 'backfillDays', from: days(detail.from), to: days(detail.to) });
}

const isBound = (key: string): boolean => key === 'rowsMax' || key === 'callsPerMinute';

/** Null means without bound. */
function isLower({ from, to }: PlanDetail): boolean {
  if (to === null) return false;
  return from === null || (to as number) < (from as number);
}

/** Null means all there is: a list instead is less. */
function losesItems({ from, to }: PlanDetail): boolean {
  if (to === null) return false;
  if (from === null) return true;
  const kept = new Set((to as readonly Json[]).map(canonicalJson));
  return (from as readonly Json[]).some((item) => !kept.has(canonicalJson(item)));
}
