import type { Json, JsonObject } from '../../../kernel/index.ts';
import type { FieldType, NativeField, NativeObject } from '../../../schema/index.ts';
import { idAt, listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { markText, takesWish } from '../../kit/new-fields.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { FieldAnswer, FieldWish, NewFieldRequest, NewFieldType, SessionFields } from '../../new-fields.ts';
import type { Settled, WriteOutcome } from '../../writes.ts';
import { refusalOf } from './refusals.ts';
import { isWritten, type WrittenObject } from './ways.ts';

/** Zendesk gives calls up after a minute. */
const SETTLE_MS = 60_000;
/** A look at the fields, and the field. */
const CALLS = 2;

/**
 * Fields of the customer's own (developer.zendesk.com, Ticketing: "Ticket
 * Fields", "User Fields", "Organization Fields"; administrators alone make
 * them). Those of users and organizations have a key that we choose, of which
 * there is one each. Ticket fields have a number that Zendesk chooses: one of
 * ours is known again by what its description for agents says.
 */
export const zendeskFields = (
  context: SessionContext,
  describe: (name: string) => Promise<NativeObject>,
): SessionFields => ({
  settleMs: SETTLE_MS,
  fieldFor,
  createField: (request, beforeSend) => createField(context, { ...request, describe }, beforeSend),
  findField: (request) => findField(context, { ...request, describe }),
});

/** How each object's fields are called in addresses, bodies and discovered schemas. */
const PLACES: Readonly<
  Record<WrittenObject, { readonly one: string; readonly many: string; readonly prefix: string }>
> = {
  tickets: { one: 'ticket_field', many: 'ticket_fields', prefix: 'custom_' },
  users: { one: 'user_field', many: 'user_fields', prefix: 'user_fields_' },
  organizations: { one: 'organization_field', many: 'organization_fields', prefix: 'organization_fields_' },
};

/** Zendesk keeps no moments. Single choices are kept as tags: see `isTag`. */
const KINDS: Readonly<
  Record<Exclude<NewFieldType, 'datetime'>, { readonly native: string; readonly type: FieldType }>
> = {
  string: { native: 'text', type: 'string' },
  text: { native: 'textarea', type: 'text' },
  boolean: { native: 'checkbox', type: 'boolean' },
  integer: { native: 'integer', type: 'integer' },
  number: { native: 'decimal', type: 'number' },
  date: { native: 'date', type: 'date' },
  enum: { native: 'dropdown', type: 'enum' },
};

function fieldFor(object: NativeObject, wish: FieldWish): FieldAnswer {
  if (!isWritten(object.name)) return noWay(`Zendesk ${object.label} get no fields of one’s own.`);
  if (wish.type === 'datetime') return noWay('Zendesk has no fields for moments.');
  const there = fieldOf(object, wish);
  if (there !== undefined) {
    return takesWish(there, wish)
      ? { kind: 'there', field: there }
      : noWay(`${object.label} has such a field of another kind.`);
  }
  if (wish.type === 'enum' && object.name === 'tickets')
    return noWay('Values of a ticket field are tags, which no two fields may share: make it in Zendesk.');
  if (!wish.values.every(isTag)) return noWay('Zendesk keeps values as tags: in lower case, without spaces.');
  const { native, type } = KINDS[wish.type];
  const dedupe = object.name === 'tickets' ? 'marker' : 'chosen_id';
  return { kind: 'new', text: native, type, lengthMax: null, dedupe, calls: CALLS };
}

const noWay = (why: string): FieldAnswer => ({ kind: 'no_way', why });
const isTag = (value: string): boolean => /^[a-z0-9_./-]+$/.test(value);
const keyOf = ({ name }: FieldWish): string => name.toLowerCase();

/** By its key; of tickets, whose fields have none, by what people call it. */
function fieldOf(object: NativeObject, wish: FieldWish): NativeField | undefined {
  if (!isWritten(object.name)) return undefined;
  const { prefix } = PLACES[object.name];
  return object.fields.find(({ name, custom, label }) =>
    object.name === 'tickets'
      ? custom && name.startsWith(prefix) && label === wish.label
      : name === `${prefix}${keyOf(wish)}`,
  );
}

type Asked = NewFieldRequest & { readonly describe: (name: string) => Promise<NativeObject> };

async function createField(
  context: SessionContext,
  asked: Asked,
  beforeSend: () => Promise<void>,
): Promise<WriteOutcome> {
  const { object, wish, key } = asked;
  if (!isWritten(object.name) || wish.type === 'datetime') throw new Error('there is no way to make it');
  const known = await look(context, asked);
  if (known.kind === 'another') return refusedBy(refusal('duplicate', null, [wish.name]));
  if (known.kind === 'usable') return applied(known.name, { existed: true });
  const { one, many } = PLACES[object.name];
  const field: Record<string, Json> = {
    type: KINDS[wish.type].native,
    title: wish.label,
    ...(object.name === 'tickets'
      ? { agent_description: markText(key) }
      : { key: keyOf(wish), description: markText(key) }),
    ...(wish.type === 'enum' ? { custom_field_options: wish.values.map((value) => ({ name: value, value })) } : {}),
  };
  const request = {
    method: 'POST',
    path: `/api/v2/${many}.json`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [one]: field }),
  } as const;
  const answer = await writeCall(context, request, beforeSend);
  if (answer.kind === 'unknown') return UNKNOWN;
  if (answer.status >= 400) return refusedBy(refusalOf(answer.status, answer.body));
  const name = nameOf(object.name, wish, textAt(answer.body, `${one}.id`));
  return answer.status === 201 && name !== null ? applied(name, { created: true }) : UNKNOWN;
}

/** As discovery tells it. */
function nameOf(object: WrittenObject, wish: FieldWish, id: string | null): string | null {
  const { prefix } = PLACES[object];
  if (object !== 'tickets') return `${prefix}${keyOf(wish)}`;
  return id === null ? null : `${prefix}${id}`;
}

type Known =
  { readonly kind: 'absent' } | { readonly kind: 'usable'; readonly name: string } | { readonly kind: 'another' };

/** What there is now: the ticket field that bears our mark, else what would do as well. */
async function look(context: SessionContext, asked: Asked): Promise<Known> {
  const { object, wish } = asked;
  if (object.name === 'tickets') {
    const marked = await markedField(context, asked);
    if (marked !== null) return { kind: 'usable', name: marked };
  }
  const there = fieldOf(await asked.describe(object.name), wish);
  if (there === undefined) return { kind: 'absent' };
  return takesWish(there, wish) ? { kind: 'usable', name: there.name } : { kind: 'another' };
}

async function markedField({ http }: SessionContext, { key, wish }: Asked): Promise<string | null> {
  const path = '/api/v2/ticket_fields.json';
  // Without a page it is the whole list ("List Ticket Fields": pagination is optional).
  const { body } = await http({ path });
  const mark = markText(key);
  const found = listAt(body, 'ticket_fields', `GET ${path}`).find(
    (row: JsonObject) => textAt(row, 'agent_description') === mark,
  );
  return found === undefined ? null : nameOf('tickets', wish, idAt(found, 'id', 'ticket field'));
}

async function findField(context: SessionContext, asked: Asked): Promise<Settled> {
  const known = await look(context, asked);
  return known.kind === 'usable' ? { kind: 'applied', recordId: known.name, created: true } : { kind: 'not_applied' };
}
