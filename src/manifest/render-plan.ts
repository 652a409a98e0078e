import type { Plan, PlanChange } from './plan.ts';

const signs = { add: '+', change: '~', remove: '-' } as const;

/** A plan as lines for a terminal; empty text where nothing changes. */
export function renderPlan(plan: Plan): string {
  const lines = plan.changes.flatMap((change) => [
    `${signs[change.action]} ${change.kind} ${change.name}${change.breaking ? '  (breaking)' : ''}`,
    ...detailLines(change),
  ]);
  for (const { agent, gains, loses } of plan.agents) {
    if (gains.length > 0) lines.push(`agent ${agent} gains: ${gains.join(', ')}`);
    if (loses.length > 0) lines.push(`agent ${agent} loses: ${loses.join(', ')}`);
  }
  return lines.join('\n');
}

const detailLines = ({ details }: PlanChange): string[] =>
  details.map(({ key, from, to }) => `    ${key}: ${shorten(JSON.stringify(from))} -> ${shorten(JSON.stringify(to))}`);

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
