import { agentImpacts } from './agent-reach.ts';
import { findBreaks } from './find-breaks.ts';
import { guardedMappings } from './guarded-mappings.ts';
import { changesBetween } from './plan-entries.ts';
import type { Plan, PlanContext } from './plan.ts';
import { overlayOf, tenantImpacts } from './tenant-impacts.ts';
import type { Manifest } from './types.ts';

/** What would change from one manifest to another; `from` null before the first revision. Pure. */
export function planChange(from: Manifest | null, to: Manifest, { today, tenants }: PlanContext): Plan {
  const changes = changesBetween(from, to);
  const agents = agentImpacts(from, to);
  const impacts = tenantImpacts({ from, to, changes, today, tenants });
  const breaks = [...(from === null ? [] : findBreaks({ changes, agents, from, to, today })), ...impacts.breaks];
  const slugs = new Set(tenants.map((each) => each.tenant));
  const unknown = [...to.overlays.values()].filter(({ tenant }) => !slugs.has(tenant));
  const inForce = tenants.flatMap((facts) => {
    const own = overlayOf(facts, to);
    return own.kind === 'overlay' ? [own.overlay] : [];
  });
  const notes = [
    ...unknown.map(({ tenant, at }) => `${at.file}:${at.line}: there is no tenant ${tenant} yet.`),
    ...[...unknown, ...inForce].flatMap((overlay) => guardedMappings(to, overlay)),
  ];
  return { changes, agents, tenants: impacts.tenants, breaks, notes, breaking: breaks.length > 0 };
}
