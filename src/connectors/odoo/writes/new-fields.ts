import type { Json } from '../../../kernel/index.ts';
import type { FieldType, NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { idAt } from '../../kit/answer-values.ts';
import { takesWish } from '../../kit/new-fields.ts';
import { applied, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { FieldAnswer, FieldWish, NewFieldRequest, NewFieldType, SessionFields } from '../../new-fields.ts';
import type { Settled, WriteOutcome } from '../../writes.ts';
import { odooCall, rowsOf } from '../call.ts';
import { writeOnce } from './call.ts';

/** `limit_time_real` of the server, 120 s: what has not taken effect by then never will. */
const SETTLE_MS = 120_000;
/** The model, a look for the field, and the field. */
const CALLS = 3;
/** PostgreSQL's longest name of a column. */
const NAME_MAX = 63;

/**
 * Fields of the customer's own, as `ir.model.fields` with `state: manual` and a
 * name that begins with `x_`; who may make them has Administration / Settings
 * (Odoo developer documentation, "External API": "ir.model.fields",
 * https://www.odoo.com/documentation/17.0/developer/reference/external_api.html).
 * The model's fields are known by name, of which there is one each.
 */
export const odooFields = (
  context: SessionContext,
  describe: (name: string) => Promise<NativeObject>,
): SessionFields => ({
  settleMs: SETTLE_MS,
  fieldFor,
  createField: (request, beforeSend) => createField(context, { ...request, describe }, beforeSend),
  findField: (request) => findField({ ...request, describe }),
});

const KINDS: Readonly<Record<NewFieldType, { readonly ttype: string; readonly type: FieldType }>> = {
  string: { ttype: 'char', type: 'string' },
  text: { ttype: 'text', type: 'text' },
  boolean: { ttype: 'boolean', type: 'boolean' },
  integer: { ttype: 'integer', type: 'integer' },
  number: { ttype: 'float', type: 'number' },
  date: { ttype: 'date', type: 'date' },
  datetime: { ttype: 'datetime', type: 'datetime' },
  enum: { ttype: 'selection', type: 'enum' },
};

const nameOf = ({ name }: Pick<FieldWish, 'name'>): string => `x_${name.toLowerCase()}`;

function fieldFor(object: NativeObject, wish: FieldWish): FieldAnswer {
  const name = nameOf(wish);
  if (!/^x_[a-z0-9_]+$/.test(name) || name.length > NAME_MAX)
    return { kind: 'no_way', why: `"${wish.name}" cannot be the name of an Odoo field.` };
  const there = object.fields.find((field) => field.name === name);
  if (there === undefined) {
    const { ttype, type } = KINDS[wish.type];
    return { kind: 'new', text: ttype, type, lengthMax: null, dedupe: 'chosen_id', calls: CALLS };
  }
  return takesWish(there, wish)
    ? { kind: 'there', field: there }
    : { kind: 'no_way', why: `${object.label} has a field ${name} of another kind.` };
}

type Asked = NewFieldRequest & { readonly describe: (name: string) => Promise<NativeObject> };

async function createField(
  context: SessionContext,
  asked: Asked,
  beforeSend: () => Promise<void>,
): Promise<WriteOutcome> {
  const { object, wish } = asked;
  const name = nameOf(wish);
  const known = await look(asked);
  if (known === 'another') return refusedBy(refusal('duplicate', null, [name]));
  if (known === 'usable') return applied(name, { existed: true });
  const answer = await odooCall(context, 'ir.model', 'search_read', {
    domain: [['model', '=', object.name]],
    fields: ['id'],
    limit: 1,
  });
  const [model] = rowsOf(answer, 'ir.model');
  if (model === undefined) return refusedBy(refusal('not_permitted'));
  const values: Record<string, Json> = {
    model_id: Number(idAt(model, 'id', 'ir.model')),
    name,
    field_description: wish.label,
    ttype: KINDS[wish.type].ttype,
    state: 'manual',
    ...(wish.type === 'enum' ? { selection_ids: wish.values.map(optionOf) } : {}),
  };
  const call = {
    model: 'ir.model.fields',
    method: 'create',
    params: { vals_list: [values] },
    first: 'vals_list',
  } as const;
  const done = await writeOnce(context, call, beforeSend);
  if (done.kind === 'unknown') return UNKNOWN;
  return done.kind === 'refused' ? refusedBy(done.refusal) : applied(name, { created: true });
}

/** "Create a new record and link it": how one2many values are written ("Command.CREATE"). */
const optionOf = (value: string, sequence: number): Json => [0, 0, { value, name: value, sequence }];

/** What stands there under the name now, as it is shown to the connected user. */
async function look({ object, wish, describe }: Asked): Promise<'absent' | 'usable' | 'another'> {
  const there = (await describe(object.name)).fields.find((field) => field.name === nameOf(wish));
  if (there === undefined) return 'absent';
  return takesWish(there, wish) && there.writable ? 'usable' : 'another';
}

/** One that is hidden from us is refused as a duplicate when it is sent again. */
const findField = async (asked: Asked): Promise<Settled> =>
  (await look(asked)) === 'usable'
    ? { kind: 'applied', recordId: nameOf(asked.wish), created: true }
    : { kind: 'not_applied' };
