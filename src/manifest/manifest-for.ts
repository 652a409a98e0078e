import type { Filter } from '../filter/index.ts';
import type {
  AgentDeclaration,
  FieldMapping,
  Integration,
  IntegrationObject,
  IntegrationOverlay,
  Manifest,
  Model,
  ModelField,
  NativeFieldOf,
  ObjectOverlay,
  Overlay,
  SyncSettings,
} from './types.ts';

/**
 * The project as one tenant has it. Pure. Filters add up (both must hold),
 * limits only get lower, the fence of an integration stays where it is, and a
 * native field that the project keeps sensitive stays so. What the overlay
 * names and the manifest lacks has no effect here: the overlay was checked
 * against it (`loadOverlay`).
 */
export function manifestFor(manifest: Manifest, overlay: Overlay | null): Manifest {
  if (overlay === null) return manifest;
  const models = modelsFor(manifest.models, overlay.models);
  const integrations = new Map(manifest.integrations);
  for (const [name, own] of overlay.integrations) {
    const integration = integrations.get(name);
    if (integration !== undefined) integrations.set(name, integrationFor(integration, own, models));
  }
  const agents = new Map([...manifest.agents].map(([name, agent]) => [name, agentFor(agent, overlay.limits)]));
  return { ...manifest, models, integrations, agents, overlays: new Map() };
}

/** The models with an overlay's fields after their own. */
export function modelsFor(models: Manifest['models'], extra: Overlay['models']): ReadonlyMap<string, Model> {
  const result = new Map(models);
  for (const [name, { fields }] of extra) {
    const model = models.get(name);
    if (model !== undefined)
      result.set(name, { ...model, fields: new Map([...model.fields, ...withoutOwn(fields, model)]) });
  }
  return result;
}

/** A model's own fields are the project's: an overlay adds to them. */
const withoutOwn = (fields: Model['fields'], model: Model): [string, ModelField][] =>
  [...fields].filter(([name]) => !model.fields.has(name));

function integrationFor(
  integration: Integration,
  overlay: IntegrationOverlay,
  models: ReadonlyMap<string, Model>,
): Integration {
  const objects = new Map(integration.objects);
  const keptSensitive: NativeFieldOf[] = [];
  for (const [from, own] of overlay.objects) {
    const base = objects.get(from) ?? null;
    if (base !== null) keptSensitive.push(...lostSensitive(base, own, models));
    objects.set(from, objectFor(base, own));
  }
  const alsoSync = [...new Set([...integration.alsoSync, ...overlay.alsoSync])];
  const overlaid = [...overlay.objects.values()].flatMap(({ from, fields }) =>
    [...fields].flatMap(([field, mapping]) => (mapping === null ? [] : [{ object: from, field }])),
  );
  return {
    ...integration,
    objects,
    alsoSync,
    ...limitsFor(integration, overlay),
    ...(keptSensitive.length === 0 ? {} : { keptSensitive }),
    ...(overlaid.length === 0 ? {} : { overlaid }),
  };
}

/** Of each limit the lower number of calls and the larger reserve. */
function limitsFor(integration: Integration, overlay: IntegrationOverlay): Pick<Integration, 'limits'> {
  if (overlay.limits === undefined) return {};
  const limits = new Map(integration.limits);
  for (const [name, own] of overlay.limits) {
    const base = limits.get(name);
    if (base === undefined) continue;
    const reserves = [base.reserve, own.reserve].filter((each) => each !== null);
    limits.set(name, {
      calls: lowest([base.calls, own.calls]),
      reserve: reserves.length === 0 ? null : Math.max(...reserves),
    });
  }
  return { limits };
}

/** What holds for an object of which nothing else is said. */
export const syncDefaults: SyncSettings = { backfillDays: null, everyS: 300 };

function objectFor(base: IntegrationObject | null, overlay: ObjectOverlay): IntegrationObject {
  const fields = new Map(base?.fields);
  for (const [name, mapping] of overlay.fields) {
    if (mapping === null) fields.delete(name);
    else fields.set(name, mapping);
  }
  return {
    from: overlay.from,
    sync: overlay.sync ?? base?.sync ?? syncDefaults,
    model: overlay.model ?? base?.model ?? null,
    fields,
    where: bothOf(base?.where ?? null, overlay.where),
    defaults: new Map([...(base?.defaults ?? []), ...overlay.defaults]),
    ...permissionsFor(base, overlay),
    ...writeFor(base, overlay),
    at: overlay.at,
  };
}

/** Who is shown an object's records is for the customer to say, where both do. */
function permissionsFor(
  base: IntegrationObject | null,
  overlay: ObjectOverlay,
): Pick<IntegrationObject, 'permissions'> {
  const permissions = overlay.permissions ?? base?.permissions;
  return permissions === undefined ? {} : { permissions };
}

/** The tenant's block in place of the project's; the fence of `scope.write` stays. */
function writeFor(base: IntegrationObject | null, overlay: ObjectOverlay): Pick<IntegrationObject, 'write'> {
  const write = overlay.write ?? base?.write;
  return write === undefined ? {} : { write };
}

function bothOf(one: Filter | null, other: Filter | null): Filter | null {
  if (one === null || other === null) return one ?? other;
  return { kind: 'and', all: [one, other] };
}

/** Native fields that the project's mappings of sensitive fields show, where the overlay replaces or removes these. */
function lostSensitive(
  base: IntegrationObject,
  overlay: ObjectOverlay,
  models: ReadonlyMap<string, Model>,
): NativeFieldOf[] {
  const model = base.model === null ? undefined : models.get(base.model);
  return [...overlay.fields.keys()].flatMap((name) => {
    const before = base.fields.get(name);
    return before !== undefined && model?.fields.get(name)?.sensitive === true ? shownBy(base.from, before) : [];
  });
}

/** The native fields whose values a mapping of `object` shows; of a look-up that is the field taken, not the key to it. */
export function shownBy(object: string, { from, steps }: FieldMapping): NativeFieldOf[] {
  const named = (owner: string, name: string): NativeFieldOf => ({ object: owner, field: { kind: 'name', name } });
  const lookup = steps.findLast((step) => step.kind === 'lookup');
  if (lookup !== undefined) return [named(lookup.object, lookup.take)];
  const parts = steps.flatMap((step) => {
    if (step.kind === 'template') return step.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field]));
    return step.kind === 'concat' ? step.fields : [];
  });
  const first = from === null ? [] : [{ object, field: from }];
  return [...first, ...parts.map((name) => named(object, name))];
}

function agentFor(agent: AgentDeclaration, limits: Overlay['limits']): AgentDeclaration {
  const own = [limits.get('*'), limits.get(agent.name)].filter((each) => each !== undefined);
  if (own.length === 0) return agent;
  const { grant } = agent;
  const rowsMax = lowest([grant.rowsMax, ...own.map((each) => each.rowsMax)]);
  const callsPerMinute = lowest([grant.callsPerMinute, ...own.map((each) => each.callsPerMinute)]);
  return { ...agent, grant: { ...grant, rowsMax, callsPerMinute } };
}

/** Null is without bound. */
function lowest(bounds: readonly (number | null)[]): number | null {
  const set = bounds.filter((bound) => bound !== null);
  return set.length === 0 ? null : Math.min(...set);
}
