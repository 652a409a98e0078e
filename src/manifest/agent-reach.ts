import { canonicalJson } from '../kernel/index.ts';
import { toJson } from './manifest-json.ts';
import type { AgentImpact } from './plan.ts';
import type { AgentDeclaration, Manifest, ObjectGrant } from './types.ts';
import type { WriteGrant } from './write-types.ts';

/** What each agent gains and loses, whatever caused it: its grant, a model, an integration. By agent name. */
export function agentImpacts(from: Manifest | null, to: Manifest): AgentImpact[] {
  const names = new Set([...(from?.agents.keys() ?? []), ...to.agents.keys()]);
  return [...names].toSorted().flatMap((agent) => {
    const before = reachOf(from, agent);
    const after = reachOf(to, agent);
    const gains = missingIn(before, after);
    const loses = missingIn(after, before);
    return gains.length + loses.length === 0 ? [] : [{ agent, gains, loses }];
  });
}

interface Reach {
  /** By granted object: its visible fields and relations; empty for native objects. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
  /** Row filters as text, by object. */
  readonly rows: ReadonlyMap<string, string>;
  readonly tools: ReadonlySet<string>;
  /** `update deal.stage`, `operation deal.close`. */
  readonly writes: ReadonlySet<string>;
}

function reachOf(manifest: Manifest | null, name: string): Reach {
  const agent = manifest?.agents.get(name);
  const objects = new Map<string, ReadonlySet<string>>();
  const rows = new Map<string, string>();
  if (manifest !== null && agent !== undefined) {
    for (const [object, grant] of agent.grant.objects) {
      objects.set(object, new Set(visibleFields(manifest, agent, object, grant)));
      if (grant.where !== null) rows.set(object, canonicalJson(toJson(grant.where)));
    }
  }
  const writes = [...(agent?.grant.write ?? [])].flatMap(([object, grant]) => writesOf(object, grant));
  const operations = (agent?.grant.operations ?? []).map((operation) => `operation ${operation}`);
  return {
    objects,
    rows,
    tools: new Set([...(agent?.grant.tools ?? []), ...(agent?.grant.savedQueries ?? [])]),
    writes: new Set([...writes, ...operations]),
  };
}

/** A condition is part of what may be written: another one is another right. */
function writesOf(object: string, { operations, fields, where }: WriteGrant): string[] {
  const only = where === null ? '' : ` where ${canonicalJson(toJson(where))}`;
  const places = fields === null ? [object] : fields.map((field) => `${object}.${field}`);
  return operations.flatMap((verb) => places.map((place) => `${verb} ${place}${only}`));
}

/** For a model what it shows of itself; relations only lead where the agent may go. */
function visibleFields(manifest: Manifest, agent: AgentDeclaration, object: string, grant: ObjectGrant): string[] {
  const model = manifest.models.get(object);
  if (model === undefined) return [...(grant.fields ?? [])];
  const relations = [...model.many.values()].filter((relation) => agent.grant.objects.has(relation.model));
  const fields = [...model.fields.values()];
  if (grant.fields === null) {
    return [...fields.filter((field) => !field.sensitive), ...relations].map((each) => each.name);
  }
  const named = new Set(grant.fields);
  return [...fields, ...relations].map((each) => each.name).filter((name) => named.has(name));
}

/** What `whole` has and `part` has not, coarse first: an object that is gone is named once. */
function missingIn(part: Reach, whole: Reach): string[] {
  const missing: string[] = [];
  for (const [object, fields] of whole.objects) {
    const kept = part.objects.get(object);
    if (kept === undefined) {
      missing.push(object);
      continue;
    }
    for (const field of fields) if (!kept.has(field)) missing.push(`${object}.${field}`);
    const filter = part.rows.get(object);
    if (filter !== undefined && filter !== whole.rows.get(object)) missing.push(`rows of ${object}`);
  }
  for (const write of whole.writes) if (!part.writes.has(write)) missing.push(write);
  for (const tool of whole.tools) if (!part.tools.has(tool)) missing.push(`tool ${tool}`);
  return missing.toSorted();
}
