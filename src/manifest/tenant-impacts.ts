import { canonicalJson } from '../kernel/index.ts';
import { findBreaks } from './find-breaks.ts';
import { loadOverlay } from './load-overlay.ts';
import { manifestFor } from './manifest-for.ts';
import { toJson } from './manifest-json.ts';
import { changesBetween } from './plan-entries.ts';
import type { Break, PlanChange, TenantFacts, TenantImpact } from './plan.ts';
import type { Problem } from './problem.ts';
import type { Manifest, Overlay } from './types.ts';

export interface TenantInput {
  readonly from: Manifest | null;
  readonly to: Manifest;
  /** What changes for everybody. */
  readonly changes: readonly PlanChange[];
  readonly today: string;
  readonly tenants: readonly TenantFacts[];
}

/** Which tenants a change touches, how, and what it breaks for one of them only. */
export function tenantImpacts(input: TenantInput): { tenants: TenantImpact[]; breaks: Break[] } {
  const { from, to, changes } = input;
  const touched = touchedIntegrations(changes, from, to);
  const common = new Set(changes.map(keyOf));
  const tenants: TenantImpact[] = [];
  const breaks: Break[] = [];
  for (const facts of input.tenants) {
    const integrations = [...new Set(facts.integrations)].filter((name) => touched.has(name)).toSorted();
    const before = from === null ? null : overlayOf(facts, from);
    const after = overlayOf(facts, to);
    const source = to.overlays.has(facts.tenant) ? 'project' : facts.stored === null ? null : 'stored';
    const own = changes.length === 0 ? [] : ownChanges(before, after, input, common);
    const stale = after.kind === 'stale' && changes.length > 0 ? after.problems : [];
    if (integrations.length === 0 && own.length === 0 && stale.length === 0) continue;
    tenants.push({ tenant: facts.tenant, integrations, overlay: source, changes: own, stale });
    // One that was stale before is not broken by this change.
    if (stale.length > 0 && before?.kind !== 'stale') breaks.push(staleBreak(facts.tenant, stale));
    breaks.push(...ownBreaks(facts.tenant, before, after, own, input));
  }
  return { tenants: tenants.toSorted((a, b) => (a.tenant < b.tenant ? -1 : 1)), breaks };
}

type TenantOverlay =
  | { readonly kind: 'none' }
  | { readonly kind: 'overlay'; readonly overlay: Overlay }
  | { readonly kind: 'stale'; readonly problems: readonly Problem[] };

/** What a tenant does differently over a project: its file in it, or what is stored. */
export function overlayOf({ tenant, stored }: TenantFacts, manifest: Manifest): TenantOverlay {
  const declared = manifest.overlays.get(tenant);
  if (declared !== undefined) return { kind: 'overlay', overlay: declared };
  if (stored === null) return { kind: 'none' };
  const file = `overlay of ${tenant}, version ${stored.version}`;
  const result = loadOverlay(stored.content, { file, tenant }, manifest);
  if (result.kind === 'ok') return { kind: 'overlay', overlay: result.overlay };
  return { kind: 'stale', problems: result.problems };
}

const over = (manifest: Manifest, overlay: TenantOverlay): Manifest =>
  manifestFor(manifest, overlay.kind === 'overlay' ? overlay.overlay : null);

/** A stale overlay says nothing of what it would do: that it is stale is told instead. */
function ownChanges(
  before: TenantOverlay | null,
  after: TenantOverlay,
  { from, to }: TenantInput,
  common: ReadonlySet<string>,
): PlanChange[] {
  if (before === null || from === null || before.kind === 'stale' || after.kind === 'stale') return [];
  if (before.kind === 'none' && after.kind === 'none') return [];
  const whole = changesBetween(over(from, before), over(to, after));
  return whole.filter((change) => change.kind !== 'overlay' && !common.has(keyOf(change)));
}

function ownBreaks(
  tenant: string,
  before: TenantOverlay | null,
  after: TenantOverlay,
  changes: readonly PlanChange[],
  { from, to, today }: TenantInput,
): Break[] {
  if (before === null || from === null || changes.length === 0) return [];
  const input = { changes, agents: [], from: over(from, before), to: over(to, after), today };
  return findBreaks(input).map((each) => ({ ...each, name: `tenant ${tenant} ${each.name}`, tenant }));
}

function staleBreak(tenant: string, problems: readonly Problem[]): Break {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return {
    name: `overlay ${tenant}`,
    what: `The stored overlay of ${tenant} would not fit any more: ${first?.message ?? ''}${more}`,
    tenant,
    where: first === undefined ? tenant : `${first.file}:${first.line}:${first.column}`,
  };
}

/** Integrations that change themselves, or that feed a model which does. */
function touchedIntegrations(changes: readonly PlanChange[], from: Manifest | null, to: Manifest): Set<string> {
  const touched = new Set<string>();
  const models = new Set<string>();
  for (const { kind, name } of changes) {
    const head = name.split('.')[0] ?? name;
    if (kind === 'integration' || kind === 'object' || kind === 'mapping') touched.add(head);
    if (kind === 'model' || kind === 'field' || kind === 'relation') models.add(head);
  }
  for (const integration of [...(from?.integrations.values() ?? []), ...to.integrations.values()]) {
    const feeds = [...integration.objects.values()].some(({ model }) => model !== null && models.has(model));
    if (feeds) touched.add(integration.name);
  }
  return touched;
}

const keyOf = (change: PlanChange): string => canonicalJson(toJson(change));
