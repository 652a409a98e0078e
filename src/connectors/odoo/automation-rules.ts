import { GantryError, type Json, type JsonObject } from '../../kernel/index.ts';
import type { RegisteredWebhook, WebhookRegistration, WebhookSource } from '../contract.ts';
import { idAt, textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import { sessionContexts, type ConnectorDeps, type SessionContext } from '../kit/declared-connector.ts';
import { nothingTold, registering } from '../kit/registration.ts';
import { odooCall, odooFacts, rowsOf } from './call.ts';

/** Parts of the address that a rule calls: the secret, what happened, and that it calls before the change is committed. */
export const [KEY, EVENT, EARLY] = ['key', 'on', 'early'];

/** The first version whose server actions send webhooks, and the first that sends them after the commit. */
const [WEBHOOKS_SINCE, AFTER_COMMIT_SINCE] = [17, 19];

interface Rule {
  readonly model: string;
  readonly trigger: string;
  readonly url: string;
}

/**
 * Automation rules (Odoo, module `base_automation`: `base.automation` with an
 * action of `ir.actions.server` whose state is `webhook`): for each model one
 * for what is saved and one for what is deleted. Only users with the right to
 * settings may make them. They are recognised by their address.
 */
export function odooRules(
  declaration: Declaration,
  deps: ConnectorDeps,
): Required<Pick<WebhookSource, 'register' | 'remove'>> {
  const contextOf = sessionContexts(declaration, deps);
  return {
    register: (access, request) => registering(() => register(contextOf(access), request), refusal),
    remove: async (access, { url }) => {
      if (typeof url === 'string') await removeOthers(contextOf(access), url, []);
    },
  };
}

async function register(context: SessionContext, request: WebhookRegistration): Promise<RegisteredWebhook> {
  const { major } = await odooFacts(context);
  if (major < WEBHOOKS_SINCE) throw tooOld(major);
  const models = await modelIds(context, request.objects);
  const objects = request.objects.filter((object) => models.has(object));
  if (objects.length === 0) throw nothingTold('Odoo', request.objects);
  const rules = objects.flatMap((model) => rulesFor(model, request, major));
  const there = await ourRules(context, request.url);
  for (const rule of rules) {
    const known = there.some((one) => one.url === rule.url && one.model === rule.model && one.active);
    if (!known) await makeRule(context, rule, models.get(rule.model) ?? 0);
  }
  await removeOthers(context, request.url, rules);
  // What the rules are called with tells nobody the secret.
  return { reference: { url: request.url, rules: rules.length }, objects, expiresAt: null };
}

function rulesFor(model: string, { url, secret }: WebhookRegistration, major: number): Rule[] {
  const early = major < AFTER_COMMIT_SINCE ? `&${EARLY}=1` : '';
  const rule = (trigger: string, event: string): Rule => ({
    model,
    trigger,
    url: `${url}?${KEY}=${encodeURIComponent(secret)}&${EVENT}=${event}${early}`,
  });
  return [rule('on_create_or_write', 'saved'), rule('on_unlink', 'deleted')];
}

/** By name, of those that are there. */
async function modelIds(context: SessionContext, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const answer = await odooCall(context, 'ir.model', 'search_read', {
    domain: [['model', 'in', [...names]]],
    fields: ['model'],
  });
  return new Map(rowsOf(answer, 'ir.model').map((row) => [textAt(row, 'model') ?? '', Number(row['id'])]));
}

interface RuleThere {
  /** Of the action; the rule's own is `rule`, null where somebody took the rule away. */
  readonly action: number;
  readonly rule: number | null;
  readonly model: string;
  readonly url: string;
  readonly active: boolean;
}

/** Actions that call our address, each once, with their rules. */
async function ourRules(context: SessionContext, url: string): Promise<readonly RuleThere[]> {
  const actions = await odooCall(context, 'ir.actions.server', 'search_read', {
    domain: [
      ['state', '=', 'webhook'],
      ['webhook_url', '=like', `${likeText(url)}%`],
    ],
    fields: ['webhook_url', 'model_name', 'base_automation_id'],
    order: 'id',
  });
  const rows = rowsOf(actions, 'ir.actions.server');
  const active = await activeRules(
    context,
    rows.flatMap((row) => referenceIn(row['base_automation_id']) ?? []),
  );
  const seen = new Set<string>();
  return rows.map((row) => {
    const rule = referenceIn(row['base_automation_id']);
    const [address, model] = [textAt(row, 'webhook_url') ?? '', textAt(row, 'model_name') ?? ''];
    const isFirst = !seen.has(`${model} ${address}`);
    seen.add(`${model} ${address}`);
    return {
      action: Number(idAt(row, 'id', 'ir.actions.server')),
      rule,
      model,
      url: address,
      active: isFirst && rule !== null && active.has(rule),
    };
  });
}

/** `_` and `%` stand for others in a pattern. */
const likeText = (text: string): string => text.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`);

async function activeRules(context: SessionContext, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  // Inactive ones are not found unless they are asked for.
  const answer = await odooCall(context, 'base.automation', 'search_read', {
    domain: [['id', 'in', [...ids]]],
    fields: ['active'],
  });
  return new Set(
    rowsOf(answer, 'base.automation').flatMap((row) => (row['active'] === false ? [] : Number(row['id']))),
  );
}

/** `[7, "name"]`, or the number alone. */
function referenceIn(value: Json | undefined): number | null {
  const first: Json | undefined = Array.isArray(value) ? (value as readonly Json[])[0] : value;
  return typeof first === 'number' ? first : null;
}

async function makeRule(context: SessionContext, { model, trigger, url }: Rule, modelId: number): Promise<void> {
  const name = `Gantry: ${model} ${trigger === 'on_unlink' ? 'deleted' : 'saved'}`;
  const action = { name, model_id: modelId, state: 'webhook', webhook_url: url, usage: 'base_automation' };
  const rule = { name, model_id: modelId, trigger, active: true, action_server_ids: [[0, 0, action]] };
  await odooCall(context, 'base.automation', 'create', { vals_list: [rule] }, 'vals_list');
}

/** Everything that calls our address but is none of `wanted`: other objects, a former secret, switched off, made twice. */
async function removeOthers(context: SessionContext, url: string, wanted: readonly Rule[]): Promise<void> {
  const there = await ourRules(context, url);
  const isWanted = (one: RuleThere): boolean =>
    one.active && wanted.some((rule) => rule.url === one.url && rule.model === one.model);
  const others = there.filter((one) => !isWanted(one));
  // A rule takes its actions along.
  const rules = others.flatMap(({ rule }) => rule ?? []);
  if (rules.length > 0) await unlink(context, 'base.automation', rules);
  const alone = others.flatMap(({ rule, action }) => (rule === null ? action : []));
  if (alone.length > 0) await unlink(context, 'ir.actions.server', alone);
}

async function unlink(context: SessionContext, model: string, ids: readonly number[]): Promise<void> {
  const params: JsonObject = { ids: [...ids] };
  await odooCall(context, model, 'unlink', params, 'ids').catch((error: unknown) => {
    // Somebody was faster.
    if (!(error instanceof GantryError) || error.code !== 'upstream_object_missing') throw error;
  });
}

function tooOld(major: number): GantryError {
  return new GantryError('webhook_registration_refused', {
    message: `Odoo ${String(major)} has no webhooks; they begin with version ${String(WEBHOOKS_SINCE)}.`,
    fix: 'Take `live: webhook` away from this integration, or update Odoo; changes are found by schedule.',
  });
}

function refusal(code: string): { readonly message: string; readonly fix: string } {
  switch (code) {
    case 'upstream_forbidden':
      return {
        message: 'Odoo does not let the connected user make automation rules.',
        fix: 'Give the connected Odoo user the right Administration: Settings, or connect a user who has it.',
      };
    case 'upstream_object_missing':
      return {
        message: 'This Odoo has no automation rules.',
        fix: 'Ask an Odoo administrator to install the app Automation Rules (base_automation).',
      };
    default:
      return {
        message: 'Odoo does not take the automation rules.',
        fix: 'Ask an Odoo administrator what its log says of automation rules named Gantry.',
      };
  }
}
