import { GantryError, type Json, type JsonObject } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { idAt, listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { KEY_FIELD } from './ways.ts';

type Found = ReadonlyMap<Json, readonly string[]>;

/** Values in one address. */
const MANY_MAX = 100;
/** More of one value nobody needs to know. */
const ALIKE = 2;

/**
 * Records by a value, as they are now: external ids (lists of tickets,
 * show_many of users and organizations), addresses of users and names of
 * organizations (their search). The search of the account lags behind, so
 * nothing else is looked for.
 */
export async function findBy(
  context: SessionContext,
  { name }: NativeObject,
  field: string,
  values: readonly Json[],
): Promise<Found> {
  const texts = [...new Set(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))))];
  const found = await recordsOf(context, name, field, texts);
  return new Map(
    values.map((value) => {
      const text = (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase();
      const own = found.filter((record) => (textAt(record, field) ?? '').toLowerCase() === text);
      return [value, own.slice(0, ALIKE).map((record) => idAt(record, 'id', `record of "${name}"`))];
    }),
  );
}

async function recordsOf(
  context: SessionContext,
  object: string,
  field: string,
  values: readonly string[],
): Promise<readonly JsonObject[]> {
  switch (`${object}.${field}`) {
    case `tickets.${KEY_FIELD}`:
      return eachOf(values, (value) => listed(context, '/api/v2/tickets.json', 'tickets', { external_id: value }));
    case `users.${KEY_FIELD}`:
    case `organizations.${KEY_FIELD}`:
      return inChunks(values, (chunk) =>
        listed(context, `/api/v2/${object}/show_many.json`, object, { external_ids: chunk.join(',') }),
      );
    case 'users.email':
      return eachOf(values, (value) =>
        listed(context, '/api/v2/users/search.json', 'users', { query: `email:"${value.replaceAll('"', '')}"` }),
      );
    case 'organizations.name':
      return eachOf(values, (value) =>
        listed(context, '/api/v2/organizations/search.json', 'organizations', { name: value }),
      );
    default:
      throw new GantryError('upstream_refused', {
        message: `Zendesk does not find ${object} by "${field}" at once.`,
        fix: 'Match by external_id; users also by email, organizations by name.',
        data: { class: 'bad_request' },
      });
  }
}

async function listed(
  { http }: SessionContext,
  path: string,
  key: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly JsonObject[]> {
  const { body } = await http({ path, query });
  return listAt(body, key, `GET ${path}`);
}

async function eachOf<Item>(
  values: readonly Item[],
  ask: (value: Item) => Promise<readonly JsonObject[]>,
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (const value of values) found.push(...(await ask(value)));
  return found;
}

async function inChunks(
  values: readonly string[],
  ask: (chunk: readonly string[]) => Promise<readonly JsonObject[]>,
): Promise<readonly JsonObject[]> {
  // Commas part the values: one that has some is asked for alone, and is never found.
  const plain = values.filter((value) => !value.includes(','));
  const chunks = Array.from({ length: Math.ceil(plain.length / MANY_MAX) }, (_empty, at) =>
    plain.slice(at * MANY_MAX, (at + 1) * MANY_MAX),
  );
  return eachOf(chunks, ask);
}
