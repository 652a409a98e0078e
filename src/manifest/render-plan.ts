import type { Plan, PlanChange, TenantImpact } from './plan.ts';
import { renderProblem } from './problem.ts';

const signs = { add: '+', change: '~', remove: '-' } as const;

/** A plan as lines for a terminal; empty text where nothing changes. */
export function renderPlan(plan: Plan): string {
  const lines = plan.changes.flatMap(changeLines);
  for (const { agent, gains, loses } of plan.agents) {
    if (gains.length > 0) lines.push(`agent ${agent} gains: ${gains.join(', ')}`);
    if (loses.length > 0) lines.push(`agent ${agent} loses: ${loses.join(', ')}`);
  }
  for (const impact of plan.tenants.slice(0, tenantsShown)) lines.push(...tenantLines(impact));
  const more = plan.tenants.length - tenantsShown;
  if (more > 0) lines.push(`and ${more} more tenants`);
  lines.push(...plan.notes.map((note) => `note: ${note}`));
  for (const { name, what, where } of plan.breaks) lines.push(`breaks "${name}" (${where}): ${what}`);
  return lines.join('\n');
}

/** A plan is for reading; all of them are in its JSON. */
const tenantsShown = 20;

function tenantLines({ tenant, integrations, overlay, changes, stale }: TenantImpact): string[] {
  const facts = [
    ...(integrations.length === 0 ? [] : [`connected to ${integrations.join(', ')}`]),
    ...(overlay === null ? [] : [`has ${overlay === 'project' ? 'an overlay in the project' : 'a stored overlay'}`]),
  ];
  return [
    `tenant ${tenant}: ${facts.join('; ')}`,
    ...changes.flatMap((change) => changeLines(change).map((line) => `    ${line}`)),
    ...stale.map((problem) => `    stale: ${renderProblem(problem)}`),
  ];
}

const changeLines = (change: PlanChange): string[] => [
  `${signs[change.action]} ${change.kind} ${change.name}${change.breaking ? '  (breaking)' : ''}`,
  ...detailLines(change),
];

const detailLines = ({ details }: PlanChange): string[] =>
  details.map(({ key, from, to }) => `    ${key}: ${shorten(JSON.stringify(from))} -> ${shorten(JSON.stringify(to))}`);

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
