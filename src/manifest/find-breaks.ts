import type { AgentImpact, Break, PlanChange } from './plan.ts';
import type { Deprecation, FieldMapping, Manifest, Model } from './types.ts';

export interface BreakInput {
  readonly changes: readonly PlanChange[];
  /** Agents' losses, to say whom a break hits. */
  readonly agents: readonly AgentImpact[];
  /** The project in force: what it deprecated in time may go. */
  readonly from: Manifest;
  readonly to: Manifest;
  readonly today: string;
}

/**
 * The breaking changes that have to be declared: without those whose sunset
 * has come, and without those that merely follow from another one in the list
 * (the mappings of a field that is removed).
 */
export function findBreaks(input: BreakInput): Break[] {
  return input.changes
    .filter((change) => change.breaking && !hasSunset(change, input) && !follows(change, input))
    .map((change) => ({
      name: `${change.kind} ${change.name}`,
      what: wordsFor(change, input),
      tenant: null,
      where: placeOf(change, input.from),
    }));
}

/** Everything that the change takes away was deprecated in the project in force, until a day that has come. */
function hasSunset(change: PlanChange, { from, today }: BreakInput): boolean {
  const over = (deprecated: Deprecation | null | undefined): boolean =>
    deprecated?.sunset !== null && deprecated?.sunset !== undefined && deprecated.sunset <= today;
  const fieldOver = (model: Model | undefined, field: string): boolean =>
    over(model?.deprecated) || over(model?.fields.get(field)?.deprecated);
  const modelOf = (name: string): Model | undefined => from.models.get(name);
  const [head, tail] = splitOnce(change.name, '.');
  switch (change.kind) {
    case 'model':
      return over(modelOf(change.name)?.deprecated);
    case 'field':
      return fieldOver(modelOf(head), tail);
    case 'relation': {
      const relation = modelOf(head)?.many.get(tail);
      const other = relation === undefined ? undefined : modelOf(relation.model);
      return over(modelOf(head)?.deprecated) || (relation !== undefined && fieldOver(other, relation.via));
    }
    case 'operation':
      return over(modelOf(head)?.deprecated) || over(modelOf(head)?.operations?.get(tail)?.deprecated);
    case 'mapping': {
      const { model, mapping } = mappingOf(change.name, from);
      return mapping !== undefined && fieldOver(model, mapping.field);
    }
    case 'grant': {
      const object = splitOnce(change.name, ' ')[1];
      if (over(modelOf(object)?.deprecated)) return true;
      const lost = lostFields(change);
      return lost !== null && lost.every((field) => fieldOver(modelOf(object), field));
    }
    default:
      return false;
  }
}

/** What goes with something else that goes, is not declared by itself. */
function follows(change: PlanChange, { from, to }: BreakInput): boolean {
  const [head, tail] = splitOnce(change.name, '.');
  switch (change.kind) {
    case 'field':
      return !to.models.has(head);
    case 'relation': {
      const relation = from.models.get(head)?.many.get(tail);
      return !to.models.has(head) || (relation !== undefined && isGone(to, relation.model, relation.via));
    }
    case 'operation':
      return !to.models.has(head);
    case 'object':
      return !to.integrations.has(head);
    case 'mapping': {
      const { object, model, mapping } = mappingOf(change.name, from);
      if (to.integrations.get(head)?.objects.has(object) !== true) return true;
      return model !== undefined && mapping !== undefined && isGone(to, model.name, mapping.field);
    }
    case 'agent':
      return losesGoneQueries(change, to);
    case 'grant': {
      const [agent, object] = splitOnce(change.name, ' ');
      if (!to.agents.has(agent) || (from.models.has(object) && !to.models.has(object))) return true;
      const lost = lostFields(change);
      return lost !== null && from.models.has(object) && lost.every((field) => isGone(to, object, field));
    }
    default:
      return false;
  }
}

/** All that happens to the agent is that saved queries which are no more leave its grant. */
function losesGoneQueries({ action, details }: PlanChange, to: Manifest): boolean {
  const [only, ...others] = details;
  if (action !== 'change' || only?.key !== 'savedQueries' || others.length > 0) return false;
  const kept = new Set(only.to as readonly string[]);
  return (only.from as readonly string[]).every((name) => kept.has(name) || !to.policies.savedQueries.has(name));
}

const isGone = (to: Manifest, model: string, field: string): boolean =>
  to.models.get(model)?.fields.has(field) !== true && to.models.get(model)?.many.has(field) !== true;

/** The fields that a grant loses, where that is all that happens to it. */
function lostFields({ action, details }: PlanChange): readonly string[] | null {
  // A filter that goes away takes nothing from anybody.
  const [only, ...others] = details.filter(({ key, to }) => key === 'fields' || (key === 'where' && to !== null));
  if (action !== 'change' || only?.key !== 'fields' || others.length > 0) return null;
  if (only.from === null || only.to === null) return null;
  const kept = new Set(only.to as readonly string[]);
  return (only.from as readonly string[]).filter((field) => !kept.has(field));
}

/** `crm.Opportunity.stage`: names of native objects may have dots of their own. */
function mappingOf(
  name: string,
  { integrations, models }: Manifest,
): { readonly object: string; readonly model: Model | undefined; readonly mapping: FieldMapping | undefined } {
  const [integration, rest] = splitOnce(name, '.');
  const field = rest.slice(rest.lastIndexOf('.') + 1);
  const object = rest.slice(0, rest.lastIndexOf('.'));
  const known = integrations.get(integration)?.objects.get(object);
  return { object, model: models.get(known?.model ?? ''), mapping: known?.fields.get(field) };
}

function splitOnce(text: string, sign: string): [string, string] {
  const at = text.indexOf(sign);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function wordsFor(change: PlanChange, { agents }: BreakInput): string {
  const what =
    change.action === 'remove'
      ? 'It would be gone.'
      : `${change.details.map(({ key }) => `\`${key}\``).join(' and ')} would change so that less works than today.`;
  const hit = agents.filter(({ loses }) => loses.includes(change.name)).map(({ agent }) => agent);
  return hit.length === 0 ? what : `${what} Agents that lose it: ${hit.join(', ')}.`;
}

/** Where the thing stands in the project in force. */
function placeOf({ kind, name }: PlanChange, from: Manifest): string {
  const [head, tail] = splitOnce(name, '.');
  const [agent, object] = splitOnce(name, ' ');
  const at = {
    project: undefined,
    model: from.models.get(name)?.at,
    field: from.models.get(head)?.fields.get(tail)?.at,
    relation: from.models.get(head)?.many.get(tail)?.at,
    operation: from.models.get(head)?.operations?.get(tail)?.at,
    integration: from.integrations.get(name)?.at,
    object: from.integrations.get(head)?.objects.get(tail)?.at,
    mapping: mappingOf(name, from).mapping?.at,
    agent: from.agents.get(name)?.at,
    grant: from.agents.get(agent)?.grant.objects.get(object)?.at,
    saved_query: from.policies.savedQueries.get(name)?.at,
    policy: name === 'currencies' ? from.policies.rates?.at : undefined,
    switch: undefined,
    checklist: undefined,
    alert_route: undefined,
    overlay: from.overlays.get(name)?.at,
  }[kind];
  return at === undefined ? name : `${at.file}:${at.line}`;
}
