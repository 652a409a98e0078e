import { agentImpacts } from './agent-reach.ts';
import { findBreaks } from './find-breaks.ts';
import { changesBetween } from './plan-entries.ts';
import type { Plan, PlanContext } from './plan.ts';
import { tenantImpacts } from './tenant-impacts.ts';
import type { Manifest } from './types.ts';

/** What would change from one manifest to another; `from` null before the first revision. Pure. */
export function planChange(from: Manifest | null, to: Manifest, { today, tenants }: PlanContext): Plan {
  const changes = changesBetween(from, to);
  const agents = agentImpacts(from, to);
  const impacts = tenantImpacts({ from, to, changes, today, tenants });
  const breaks = [...(from === null ? [] : findBreaks({ changes, agents, from, to, today })), ...impacts.breaks];
  const slugs = new Set(tenants.map((each) => each.tenant));
  const notes = [...to.overlays.values()]
    .filter((overlay) => !slugs.has(overlay.tenant))
    .map(({ tenant, at }) => `${at.file}:${at.line}: there is no tenant ${tenant} yet.`);
  return { changes, agents, tenants: impacts.tenants, breaks, notes, breaking: breaks.length > 0 };
}
