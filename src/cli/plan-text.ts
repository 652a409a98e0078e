import { renderPlan, type Plan } from '../manifest/index.ts';

/** A plan as the terminal shows it, with a last word of warning where something would break. */
export function planText(plan: Plan): string {
  if (plan.changes.length === 0) return 'No changes.';
  const warning = plan.breaking ? '\nSomething that works today would stop to work, or answer with less.' : '';
  return `${renderPlan(plan)}${warning}`;
}
