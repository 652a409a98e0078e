import { canonicalJson, type Json, type JsonObject } from '../kernel/index.ts';
import { isBreakingChange, isBreakingRemoval } from './breaking.ts';
import { toJson } from './manifest-json.ts';
import type { PlanChange, PlanDetail, PlanKind } from './plan.ts';
import type { Manifest } from './types.ts';

/** What differs between two manifests, thing by thing. */
export function changesBetween(from: Manifest | null, to: Manifest): PlanChange[] {
  const before = from === null ? new Map<string, Entry>() : entriesOf(from);
  const after = entriesOf(to);
  const changes: PlanChange[] = [];
  for (const [key, { kind, name }] of before) {
    if (!after.has(key)) changes.push({ action: 'remove', kind, name, breaking: isBreakingRemoval(kind), details: [] });
  }
  for (const [key, { kind, name, content }] of after) {
    const old = before.get(key);
    if (old === undefined) {
      changes.push({ action: 'add', kind, name, breaking: false, details: [] });
      continue;
    }
    const details = differences(old.content, content);
    if (details.length === 0) continue;
    const breaking = details.some((detail) => isBreakingChange(kind, detail));
    changes.push({ action: 'change', kind, name, breaking, details });
  }
  return changes.toSorted(inOrder);
}

interface Entry {
  readonly kind: PlanKind;
  readonly name: string;
  readonly content: JsonObject;
}

/** Every named thing of a manifest, without the named things inside it. */
function entriesOf(manifest: Manifest): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const add = (kind: PlanKind, name: string, value: object, inside: readonly string[] = []): void => {
    const kept = Object.entries(value).filter(([key]) => key !== 'name' && key !== 'at' && !inside.includes(key));
    entries.set(`${kind} ${name}`, { kind, name, content: toJson(Object.fromEntries(kept)) as JsonObject });
  };
  const reminders = manifest.alerts === undefined ? {} : { alertsRemindMs: manifest.alerts.remindMs };
  add('project', manifest.project, { title: manifest.title, ...reminders });
  for (const model of manifest.models.values()) {
    add('model', model.name, model, ['fields', 'many', 'operations']);
    for (const field of model.fields.values()) add('field', `${model.name}.${field.name}`, field);
    for (const relation of model.many.values()) add('relation', `${model.name}.${relation.name}`, relation);
    for (const operation of model.operations?.values() ?? []) {
      add('operation', `${model.name}.${operation.name}`, operation);
    }
  }
  for (const integration of manifest.integrations.values()) {
    // What an overlay keeps sensitive follows from the mapping that it replaces, which is told.
    add('integration', integration.name, integration, ['objects', 'keptSensitive']);
    for (const object of integration.objects.values()) {
      const name = `${integration.name}.${object.from}`;
      add('object', name, object, ['fields', 'from']);
      for (const mapping of object.fields.values()) add('mapping', `${name}.${mapping.field}`, mapping, ['field']);
    }
  }
  for (const agent of manifest.agents.values()) {
    const { objects, ...limits } = agent.grant;
    add('agent', agent.name, { ...agent, ...limits }, ['grant']);
    for (const [object, grant] of objects) add('grant', `${agent.name} ${object}`, grant);
  }
  for (const query of manifest.policies.savedQueries.values()) add('saved_query', query.name, query);
  if (manifest.policies.rates !== null) add('policy', 'currencies', manifest.policies.rates);
  add('policy', 'history', manifest.policies.history);
  if (manifest.policies.approvals !== undefined) add('policy', 'approvals', manifest.policies.approvals);
  if (manifest.policies.checklist !== undefined) add('checklist', 'checklist', manifest.policies.checklist);
  for (const trigger of manifest.policies.switches ?? []) add('switch', trigger.name, trigger);
  for (const route of manifest.alerts?.routes.values() ?? []) add('alert_route', route.name, route);
  for (const overlay of manifest.overlays.values()) add('overlay', overlay.tenant, overlay, ['tenant']);
  return entries;
}

function differences(before: JsonObject, after: JsonObject): PlanDetail[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => {
    const from: Json = before[key] ?? null;
    const to: Json = after[key] ?? null;
    return canonicalJson(from) === canonicalJson(to) ? [] : [{ key, from, to }];
  });
}

const actions = ['remove', 'change', 'add'] as const;
const kinds: readonly PlanKind[] = [
  'project',
  'model',
  'field',
  'relation',
  'operation',
  'integration',
  'object',
  'mapping',
  'agent',
  'grant',
  'saved_query',
  'policy',
  'switch',
  'checklist',
  'alert_route',
  'overlay',
];

const inOrder = (a: PlanChange, b: PlanChange): number =>
  actions.indexOf(a.action) - actions.indexOf(b.action) ||
  kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
  (a.name < b.name ? -1 : 1);
