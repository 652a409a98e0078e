import { renderPlan, type Plan } from '../manifest/index.ts';

/** A plan as the terminal shows it, with a last word of warning where something would break. */
export function planText(plan: Plan): string {
  if (plan.changes.length === 0) return 'No changes.';
  const warning = plan.breaking
    ? '\nApplying is refused unless each of these is allowed: --allow-breaking "<name>".'
    : '';
  return `${renderPlan(plan)}${warning}`;
}
