import { GantryError, isJsonObject, type JsonObject } from '../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, odooFacts, rowsOf } from './call.ts';
import { writtenByName } from './named-model.ts';
import { nativeFields } from './native-field.ts';
import { rulesOf } from './rules.ts';

const ATTRIBUTES = [
  'type',
  'string',
  'help',
  'required',
  'readonly',
  'store',
  'depends',
  'selection',
  'relation',
  'digits',
  'size',
];

/** One model with its stored fields as this user sees them, what a new record needs, and the rules around it. */
export async function describeObject(context: SessionContext, name: string): Promise<NativeObject> {
  const { result } = await odooCall(context, name, 'fields_get', { attributes: ATTRIBUTES });
  if (!isJsonObject(result)) throw malformed(name);
  const fields = nativeFields(context.declaration, result);
  // A fields_get without an id is not that of a table.
  if (!fields.some((field) => field.name === 'id')) throw malformed(name);
  const [model, needed, rules] = await Promise.all([
    modelRow(context, name),
    neededFields(context, name, result, fields),
    rulesOf(context, name),
  ]);
  return {
    name,
    label: textAt(model, 'name') ?? name,
    custom: model['state'] === 'manual',
    idField: 'id',
    linkTemplate: linkOf(context.access.apiUrl, name, (await odooFacts(context)).major),
    fields: writtenByName(
      name,
      fields.map((field) => (needed.has(field.name) ? { ...field, required: true } : field)),
    ),
    ...(rules.length === 0 ? {} : { rules }),
  };
}

/** The web client's own form of an address: since 18 a path, in which a name without a dot is marked. */
function linkOf(url: string, model: string, major: number): string {
  if (major < 18) return `${url}/web#id={id}&model=${model}&view_type=form`;
  return `${url}/odoo/${model.includes('.') ? model : `m-${model}`}/{id}`;
}

async function modelRow(context: SessionContext, name: string): Promise<JsonObject> {
  const answer = await odooCall(context, 'ir.model', 'search_read', {
    domain: [['model', '=', name]],
    fields: ['name', 'state'],
    limit: 1,
  });
  return rowsOf(answer, 'ir.model')[0] ?? {};
}

/** Required, without a default, and not filled in by a computation: somebody has to enter these. */
async function neededFields(
  context: SessionContext,
  model: string,
  facts: JsonObject,
  fields: readonly NativeField[],
): Promise<ReadonlySet<string>> {
  const required = fields.filter(({ name, nullable, writable }) => {
    const { depends } = isJsonObject(facts[name]) ? facts[name] : {};
    const isComputed = Array.isArray(depends) && depends.length > 0;
    return !nullable && writable && !isComputed && name !== 'id';
  });
  if (required.length === 0) return new Set();
  const names = required.map((field) => field.name);
  const defaults = await defaultsOf(context, model, names);
  return new Set(names.filter((name) => defaults[name] === undefined || defaults[name] === null));
}

/** The parameter's name is the method's own, and models that extend it write either. */
const FIELD_LISTS = ['fields', 'fields_list'];

/** What a new record starts with. A model whose defaults cannot be had stands without any. */
async function defaultsOf(context: SessionContext, model: string, names: readonly string[]): Promise<JsonObject> {
  for (const parameter of FIELD_LISTS) {
    try {
      const { result } = await odooCall(context, model, 'default_get', { [parameter]: [...names] }, parameter);
      return isJsonObject(result) ? result : {};
    } catch (error) {
      if (!(error instanceof GantryError) || !REFUSALS.has(error.code)) throw error;
    }
  }
  return {};
}

const REFUSALS = new Set(['upstream_forbidden', 'upstream_object_missing', 'upstream_refused']);

function malformed(name: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `Odoo's description of "${name}" is not a list of fields.`,
    data: { class: 'malformed_response', object: name },
  });
}
