import type { Effect } from '../../kit/index.ts';
import type { Domain } from '../schema/model.ts';
import { parseDomain } from './domain.ts';
import { activeField, rawOf, superuser, type Env } from './env.ts';
import { compileDomain } from './match.ts';
import { pythonLiteral } from './python-literal.ts';
import { sendCalls, updateActions, webhookCalls, type UpdateAction, type WebhookCall } from './server-actions.ts';

export const RULES = 'base.automation';

/**
 * When a rule runs (addons/base_automation/models/base_automation.py). Rules by
 * time, by messages, in forms and by incoming webhooks exist and never run here.
 */
const ON_CREATE = [
  'on_create',
  'on_create_or_write',
  'on_stage_set',
  'on_user_set',
  'on_tag_set',
  'on_state_set',
  'on_priority_set',
];
const ON_WRITE = ['on_write', 'on_archive', 'on_unarchive', ...ON_CREATE.slice(1)];
const ON_UNLINK = ['on_unlink'];

/** Fields whose change such a rule waits for, the first that the model has. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
  on_stage_set: ['stage_id', 'x_studio_stage_id'],
  on_user_set: ['user_id', 'user_ids', 'x_studio_user_id', 'x_studio_user_ids'],
  on_tag_set: ['tag_ids', 'x_studio_tag_ids'],
  on_state_set: ['state', 'x_studio_state'],
  on_priority_set: ['priority', 'x_studio_priority'],
};

/** What a change is about to touch: noted before it, run after it. */
export interface PendingRules {
  /** Runs the rules whose conditions the records meet now; counts the webhooks that it called. */
  run(): number;
}

/** Carries out an "Update Record" action on the record that made its rule run. */
export type Act = (id: number, action: UpdateAction) => void;

/** Rules see every record, as the superuser does. */
export function rulesForCreate(env: Env, model: string, ids: readonly number[], act: Act): PendingRules {
  return {
    run: () => {
      let called = 0;
      for (const rule of rulesOf(env, model, ON_CREATE)) {
        for (const id of passing(env, model, rule.domain, ids)) {
          if (rule.trigger === 'on_user_set' && isEmpty(env, model, id, rule.watched)) continue;
          const about = { op: 'create', object: model, id: String(id) } as const;
          for (const action of updateActions(env, rule.id, model)) act(id, action);
          called += sendCalls(env, webhookCalls(env, rule.id, model, id), about);
        }
      }
      return called;
    },
  };
}

export function rulesForWrite(
  env: Env,
  model: string,
  ids: readonly number[],
  given: Readonly<Record<string, unknown>>,
  act: Act,
): PendingRules {
  const rules = rulesOf(env, model, ON_WRITE).map((rule) => ({
    ...rule,
    candidates: passing(env, model, rule.preDomain, ids),
  }));
  const before = new Map(ids.map((id) => [id, snapshot(env, model, id, Object.keys(given))]));
  return {
    run: () => {
      let called = 0;
      for (const rule of rules) {
        for (const id of passing(env, model, rule.domain, rule.candidates)) {
          if (!isTriggered(env, model, id, rule, before.get(id) ?? {})) continue;
          const about = { op: 'update', object: model, id: String(id) } as const;
          for (const action of updateActions(env, rule.id, model)) act(id, action);
          called += sendCalls(env, webhookCalls(env, rule.id, model, id), about);
        }
      }
      return called;
    },
  };
}

/** What is posted is read before the record goes, and leaves when it is gone. */
export function rulesForUnlink(env: Env, model: string, ids: readonly number[]): PendingRules {
  const calls: { readonly about: Effect; readonly calls: readonly WebhookCall[] }[] = [];
  for (const rule of rulesOf(env, model, ON_UNLINK)) {
    for (const id of passing(env, model, rule.domain, ids)) {
      const about = { op: 'delete', object: model, id: String(id) } as const;
      calls.push({ about, calls: webhookCalls(env, rule.id, model, id) });
    }
  }
  return {
    run: () => calls.reduce((sum, each) => sum + sendCalls(env, each.calls, each.about), 0),
  };
}

interface Rule {
  readonly id: number;
  readonly trigger: string;
  readonly domain: Domain | null;
  readonly preDomain: Domain | null;
  /** Fields of which one must have changed; empty: any write will do. */
  readonly watched: readonly string[];
}

function rulesOf(env: Env, model: string, triggers: readonly string[]): readonly Rule[] {
  const { org } = env;
  if (org.registry.get(RULES) === undefined) return [];
  const found: Rule[] = [];
  for (const id of org.table(RULES).ids({ order: 'id' })) {
    const value = (name: string) => rawOf(org, RULES, id, name);
    const trigger = String(value('trigger'));
    if (value('active') === false || value('model_name') !== model || !triggers.includes(trigger)) continue;
    const [domain, preDomain] = [domainOf(value('filter_domain')), domainOf(value('filter_pre_domain'))];
    found.push({ id, trigger, domain, preDomain, watched: watchedBy(env, model, trigger, value('trigger_field_ids')) });
  }
  return found;
}

function watchedBy(env: Env, model: string, trigger: string, chosen: unknown): readonly string[] {
  const { registry } = env.org;
  if (Array.isArray(chosen) && chosen.length > 0) {
    const rows = registry.fieldRows();
    return (chosen as readonly number[]).flatMap((id) => rows[id - 1]?.name ?? []);
  }
  const flag = trigger === 'on_archive' || trigger === 'on_unarchive' ? activeField(env.org, model) : null;
  const implied = WATCHED[trigger]?.find((name) => registry.field(model, name) !== undefined) ?? flag;
  return implied === null ? [] : [implied];
}

function domainOf(text: unknown): Domain | null {
  const value = typeof text === 'string' && text.trim() !== '' ? pythonLiteral(text) : null;
  return Array.isArray(value) && value.length > 0 ? (value as Domain) : null;
}

function passing(env: Env, model: string, domain: Domain | null, ids: readonly number[]): readonly number[] {
  if (domain === null) return ids;
  const test = compileDomain(superuser(env), model, parseDomain(domain));
  return ids.filter((id) => env.org.table(model).exists(id) && test(id));
}

function snapshot(env: Env, model: string, id: number, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, JSON.stringify(rawOf(env.org, model, id, name))]));
}

/** A field that was written counts as changed when its value is another now. */
function isTriggered(
  env: Env,
  model: string,
  id: number,
  { trigger, watched }: Rule,
  before: Readonly<Record<string, string>>,
): boolean {
  const now = (name: string) => JSON.stringify(rawOf(env.org, model, id, name));
  const changed = watched.length === 0 || watched.some((name) => name in before && before[name] !== now(name));
  if (!changed) return false;
  const flag = activeField(env.org, model);
  if (trigger === 'on_archive') return flag !== null && now(flag) === 'false';
  if (trigger === 'on_unarchive') return flag !== null && now(flag) === 'true';
  return trigger !== 'on_user_set' || !isEmpty(env, model, id, watched);
}

function isEmpty(env: Env, model: string, id: number, names: readonly string[]): boolean {
  return names.every((name) => {
    const value = rawOf(env.org, model, id, name);
    return value === null || (Array.isArray(value) && value.length === 0);
  });
}
