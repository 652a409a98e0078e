import type { Effect, SendingRules } from '../../kit/index.ts';
import { OdooError } from '../errors.ts';
import type { Raw } from '../schema/field.ts';
import { rawOf, superuser, type Env } from './env.ts';
import { pythonJson } from './python-json.ts';
import { read } from './read.ts';

export const ACTIONS = 'ir.actions.server';

/**
 * Send and forget, with a second for the receiver: what fails is logged and
 * never tried again (odoo/addons/base/models/ir_actions.py, `_run_action_webhook`).
 */
const RULES: SendingRules = { timeoutMs: 1_000, retryInMs: () => null };

/** A prepared call of a webhook; the record may be gone when it leaves. */
export interface WebhookCall {
  readonly action: number;
  readonly url: string;
  readonly body: string;
}

/** The webhook actions of a rule, with what they would post about a record. */
export function webhookCalls(env: Env, rule: number, model: string, id: number): readonly WebhookCall[] {
  const { org } = env;
  return org
    .table(ACTIONS)
    .children('base_automation_id', rule)
    .flatMap((action) => {
      const url = rawOf(org, ACTIONS, action, 'webhook_url');
      if (rawOf(org, ACTIONS, action, 'state') !== 'webhook' || typeof url !== 'string') return [];
      return [{ action, url, body: pythonJson(payload(env, action, model, id)) }];
    });
}

/** What an "Update Record" action writes on the record of its rule. */
export interface UpdateAction {
  readonly id: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly cause: string;
}

/** Actions of the type `object_write` with a fixed value (odoo/addons/base/models/ir_actions.py). */
export function updateActions(env: Env, rule: number, model: string): readonly UpdateAction[] {
  const { org } = env;
  const cause = `automation: ${String(rawOf(org, 'base.automation', rule, 'name'))}`;
  return org
    .table(ACTIONS)
    .children('base_automation_id', rule)
    .flatMap((id) => {
      const path = rawOf(org, ACTIONS, id, 'update_path');
      if (rawOf(org, ACTIONS, id, 'state') !== 'object_write' || typeof path !== 'string') return [];
      const text = rawOf(org, ACTIONS, id, 'value');
      const isId = org.registry.field(model, path)?.type === 'many2one';
      const isFlag = org.registry.field(model, path)?.type === 'boolean';
      const value = isId ? Number(text) : isFlag ? text === 'true' : text;
      return [{ id, values: { [path]: value }, cause }];
    });
}

export function sendCalls(env: Env, calls: readonly WebhookCall[], about: Effect): number {
  for (const { action, url, body } of calls) {
    const request = () => ({
      // `requests` says no more about itself; nothing is signed.
      headers: { 'content-type': 'application/json', 'user-agent': 'python-requests/2.31.0', accept: '*/*' },
      body,
    });
    const send = (): void => env.org.deliveries.send({ source: String(action), to: url, about, request }, RULES);
    // Since 18 a webhook waits for the end of the transaction; before, it is called although that may still fail.
    if (env.org.version >= 18) env.org.transactions.afterwards(send);
    else send();
  }
  return calls.length;
}

/** `_model`, `_id`, `_action` and the chosen fields as `read(fields, load=None)` gives them; with fields comes `id`. */
function payload(env: Env, action: number, model: string, id: number): Readonly<Record<string, unknown>> {
  const name = String(rawOf(env.org, ACTIONS, action, 'name') ?? '');
  const head = { _model: model, _id: id, _action: `${name}(#${action})` };
  const names = fieldNames(env, action);
  if (names.length === 0) return head;
  const [values = {}] = read(superuser(env), model, [id], names, null);
  const times = names.flatMap((field) => {
    const raw = rawOf(env.org, model, id, field);
    const isTime = env.org.registry.field(model, field)?.type === 'datetime' && typeof raw === 'number';
    return isTime ? [[field, pythonTime(raw)]] : [];
  });
  return { ...head, ...values, ...Object.fromEntries(times) };
}

function fieldNames(env: Env, action: number): readonly string[] {
  const chosen: Raw = rawOf(env.org, ACTIONS, action, 'webhook_field_ids');
  const rows = env.org.registry.fieldRows();
  return Array.isArray(chosen) ? chosen.flatMap((id) => rows[id - 1]?.name ?? []) : [];
}

/** `str(datetime)`: with six digits after the second unless they are all zero. */
function pythonTime(us: number): string {
  const text = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = us % 1_000_000;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

/** What the database refuses of a webhook action (`_check_webhook_field_ids`, `_check_model_coherency_with_automation`). */
export function checkAction(env: Env, action: number): void {
  const { org } = env;
  const model = rawOf(org, ACTIONS, action, 'model_name');
  const rule = rawOf(org, ACTIONS, action, 'base_automation_id');
  const name = String(rawOf(org, ACTIONS, action, 'name') ?? '');
  if (typeof model !== 'string') return;
  if (typeof rule === 'number' && rawOf(org, 'base.automation', rule, 'model_name') !== model) {
    const ruleName = String(rawOf(org, 'base.automation', rule, 'name'));
    throw new OdooError('validation', `Model of action ${name} should match the one from automated rule ${ruleName}.`);
  }
  const fields = fieldNames(env, action).map((each) => {
    const field = org.registry.field(model, each);
    if (field === undefined) throw new OdooError('key', `'${each}'`);
    return field;
  });
  const restricted = fields.filter(({ groups }) => groups !== undefined).map(({ string }) => string);
  if (restricted.length === 0) return;
  throw new OdooError(
    'validation',
    'Group-restricted fields cannot be included in webhook payloads, as it could allow any user to accidentally leak ' +
      'sensitive information. You will have to remove the following fields from the webhook payload in the following ' +
      `actions:\n ${name}: ${restricted.join(', ')}`,
  );
}
