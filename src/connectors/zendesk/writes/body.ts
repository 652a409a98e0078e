import type { Json, JsonObject } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import type { WriteItem, WriteOperation } from '../../writes.ts';
import { isWritten, KEY_FIELD } from './ways.ts';

/** Where the fields of the customer's own stand in a body, by the names that the declaration gives them. */
const CUSTOM = {
  tickets: { prefix: 'custom_', at: 'custom_fields' },
  users: { prefix: 'user_fields_', at: 'user_fields' },
  organizations: { prefix: 'organization_fields_', at: 'organization_fields' },
} as const;

/** The external id that a new record bears: the customer's own where one is written, else our key. */
export function externalIdOf(item: WriteItem): string {
  const own = item.values[KEY_FIELD];
  return typeof own === 'string' && own !== '' ? own : item.key;
}

/** A record as Zendesk's bodies spell it. */
export function bodyOf(object: NativeObject, operation: WriteOperation, item: WriteItem): JsonObject {
  if (!isWritten(object.name)) throw new Error(`${object.name} is not written`);
  const { prefix, at } = CUSTOM[object.name];
  const own: Record<string, Json> = {};
  const custom: [key: string, value: Json][] = [];
  for (const [name, value] of Object.entries(item.values)) {
    const field = object.fields.find((one) => one.name === name);
    if (field?.custom === true && name.startsWith(prefix)) custom.push([name.slice(prefix.length), value]);
    else own[name] = field?.type === 'reference' ? numeric(value) : value;
  }
  const listed = custom.map(([id, value]): JsonObject => ({ id: numeric(id), value }));
  const fields: Json = object.name === 'tickets' ? listed : Object.fromEntries(custom);
  return {
    ...described(object.name, own),
    ...(custom.length === 0 ? {} : { [at]: fields }),
    ...(operation === 'create' ? { [KEY_FIELD]: externalIdOf(item) } : {}),
    ...matched(item),
    // Nobody asked Zendesk to write to the people who are entered.
    ...(object.name === 'users' && operation !== 'update' ? { skip_verify_email: true } : {}),
  };
}

/** "The first comment of a ticket is its description": there is no other way to write one. */
function described(object: string, { description, ...own }: Readonly<Record<string, Json>>): JsonObject {
  if (object !== 'tickets' || description === undefined || description === null) {
    return description === undefined ? own : { ...own, description };
  }
  return { ...own, comment: { body: description } };
}

function matched({ match }: WriteItem): JsonObject {
  return match === null ? {} : { [match.field]: match.value };
}

/** Zendesk numbers its records; here ids are texts. */
export function numeric(value: Json): Json {
  if (typeof value !== 'string' || !/^\d{1,16}$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
