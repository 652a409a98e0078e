import type { Json } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, rowsOf } from './call.ts';

/**
 * A planned activity (`mail.activity`) hangs on a record by the number of its
 * model in this very database. Odoo tells the model's name beside it and takes
 * the number only (mail/models/mail_activity.py: `res_model` is related to
 * `res_model_id`). Here it is written by its name, and the number is no field
 * that anybody has to know.
 */
const NAMED = { model: 'mail.activity', name: 'res_model', number: 'res_model_id' } as const;

/** The fields of a model, where the name of another model is what people write. */
export function writtenByName(model: string, fields: readonly NativeField[]): readonly NativeField[] {
  const number = fields.find(({ name }) => name === NAMED.number);
  if (model !== NAMED.model || number?.writable !== true) return fields;
  return fields.map((field) => {
    if (field.name === NAMED.name) return { ...field, writable: true, required: true };
    if (field.name !== NAMED.number) return field;
    const { required: _, ...rest } = field;
    return { ...rest, writable: false };
  });
}

type Values = Readonly<Record<string, Json>>;

/** Values as Odoo takes them: models by their numbers. A name that this database has no model of stays, and Odoo refuses it. */
export async function withModelNumbers<Item extends { readonly values: Values }>(
  context: SessionContext,
  model: string,
  items: readonly Item[],
): Promise<readonly Item[]> {
  if (model !== NAMED.model) return items;
  const names = new Set(items.flatMap(({ values }) => textAt(values, NAMED.name) ?? []));
  if (names.size === 0) return items;
  const answer = await odooCall(context, 'ir.model', 'search_read', {
    domain: [['model', 'in', [...names]]],
    fields: ['model'],
  });
  const numbers = new Map(rowsOf(answer, 'ir.model').map((row) => [textAt(row, 'model'), row['id'] ?? null]));
  return items.map((item) => {
    const { [NAMED.name]: name, ...rest } = item.values;
    const number = typeof name === 'string' ? numbers.get(name) : undefined;
    return number === undefined ? item : { ...item, values: { ...rest, [NAMED.number]: number } };
  });
}
