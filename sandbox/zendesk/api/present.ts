import type { Account, ObjectName } from '../account.ts';
import type { CustomValue } from '../profiles/profile.ts';
import type { Entry } from '../store/collection.ts';

export type Json = Readonly<Record<string, unknown>>;

const FIELDS_KEY = { organizations: 'organization_fields', users: 'user_fields' } as const;

/** A record as the API shows it: with its address, and with exactly the custom fields that are active now. */
export function present(account: Account, origin: string, object: ObjectName, entry: Entry): Json {
  const url = `${origin}/api/v2/${object}/${entry.id}.json`;
  const active = account.fields.of(object).filter((field) => field.active);
  if (object === 'tickets') {
    const values = new Map((entry.body['custom_fields'] as readonly CustomValue[]).map(({ id, value }) => [id, value]));
    const fields = active.map((field) => ({ id: field.id, value: values.get(field.id) ?? emptyValue(field.type) }));
    return { url, ...entry.body, custom_fields: fields, fields };
  }
  const key = FIELDS_KEY[object];
  const values = entry.body[key] as Json;
  const fields = Object.fromEntries(
    active.flatMap(({ key: name, type }) => (name === null ? [] : [[name, values[name] ?? emptyValue(type)]])),
  );
  return { url, ...entry.body, [key]: fields };
}

/** What an end user is shown of itself. Source: reference of Users, "JSON format for end user requests". */
export function presentToEndUser(account: Account, origin: string, entry: Entry): Json {
  const json = present(account, origin, 'users', entry);
  return Object.fromEntries(OF_END_USERS.flatMap((name) => (name in json ? [[name, json[name]]] : [])));
}

const OF_END_USERS = [
  'id',
  'url',
  'name',
  'email',
  'created_at',
  'updated_at',
  'time_zone',
  'iana_time_zone',
  'phone',
  'shared_phone_number',
  'photo',
  'locale_id',
  'locale',
  'organization_id',
  'role',
  'verified',
];

function emptyValue(type: string): unknown {
  if (type === 'checkbox') return false;
  return type === 'multiselect' ? [] : null;
}
