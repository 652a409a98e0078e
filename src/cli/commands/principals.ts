import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';

const listUsage = 'principals --tenant SLUG [--connection SLUG] [--user USER] [--json]';

export const principals: Command = {
  name: 'principals',
  usage: listUsage,
  summary: "who the product's users are in the connected systems, and how new their rights are",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      tenant: { type: 'string' },
      connection: { type: 'string' },
      user: { type: 'string' },
      json: { type: 'boolean' },
    });
    const query = new URLSearchParams({ tenant: required(read, 'tenant', listUsage) });
    const { connection, user } = read.values;
    if (typeof connection === 'string') query.set('connection', connection);
    if (typeof user === 'string') query.set('principal', user);
    const { principals: list } = await askServer(env, { method: 'GET', path: `/v1/principals?${query.toString()}` });
    const rows = (list as Json[]).filter(isJsonObject);
    if (read.values['json'] === true) out(JSON.stringify(list));
    else if (rows.length === 0) out('There are none.');
    else for (const row of rows) out(wordsOf(row));
    return 0;
  },
};

/** Whatever is known, in order: what it is depends on how rights are learned. */
const wordsOf = (row: JsonObject): string =>
  Object.entries(row)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name}: ${text(value)}`)
    .join('  ');

const linkUsage =
  'principals link --tenant SLUG --connection SLUG [--by-email [--apply]] [--user USER --source-user ID] [--attributes JSON]';

export const principalsLink: Command = {
  name: 'principals link',
  usage: linkUsage,
  summary: 'say who a user is in a connected system; --by-email pairs all, and shows first what it would do',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, linkUsage, {
      tenant: { type: 'string' },
      connection: { type: 'string' },
      'by-email': { type: 'boolean' },
      apply: { type: 'boolean' },
      user: { type: 'string' },
      'source-user': { type: 'string' },
      attributes: { type: 'string' },
    });
    const of = { tenant: required(read, 'tenant', linkUsage), connection: required(read, 'connection', linkUsage) };
    if (read.values['by-email'] === true) {
      const body = { ...of, apply: read.values['apply'] === true };
      out(JSON.stringify(await askServer(env, { method: 'POST', path: '/v1/principals/by-email', body }), null, 2));
      if (!body.apply) out('Nothing is changed yet: add --apply.');
      return 0;
    }
    const body = {
      ...of,
      principal: required(read, 'user', linkUsage),
      source_user: required(read, 'source-user', linkUsage),
      ...attributesIn(read.values['attributes']),
    };
    await askServer(env, { method: 'POST', path: '/v1/principals', body });
    out(`${body.principal} is ${body.source_user} at ${of.connection}.`);
    return 0;
  },
};

const unlinkUsage = 'principals unlink USER --tenant SLUG --connection SLUG';

export const principalsUnlink: Command = {
  name: 'principals unlink',
  usage: unlinkUsage,
  summary: 'forget who a user is in a connected system: nothing of it is shown to them then',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, unlinkUsage, { tenant: { type: 'string' }, connection: { type: 'string' } }, 1);
    const user = requiredWord(read, 'USER', unlinkUsage);
    const query = new URLSearchParams({
      tenant: required(read, 'tenant', unlinkUsage),
      connection: required(read, 'connection', unlinkUsage),
    });
    const path = `/v1/principals/${encodeURIComponent(user)}?${query.toString()}`;
    await askServer(env, { method: 'DELETE', path });
    out(`${user} is linked to nobody at ${query.get('connection') ?? ''}.`);
    return 0;
  },
};

const signOutUsage = 'principals sign-out USER --tenant SLUG [--agent NAME]';

export const principalsSignOut: Command = {
  name: 'principals sign-out',
  usage: signOutUsage,
  summary: 'end all sign-ins and access tokens of a user',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, signOutUsage, { tenant: { type: 'string' }, agent: { type: 'string' } }, 1);
    const user = requiredWord(read, 'USER', signOutUsage);
    const { agent } = read.values;
    const body = { tenant: required(read, 'tenant', signOutUsage), ...(typeof agent === 'string' ? { agent } : {}) };
    await askServer(env, { method: 'POST', path: `/v1/principals/${encodeURIComponent(user)}/sign-out`, body });
    out(`${user} is signed out.`);
    return 0;
  },
};

function attributesIn(value: string | boolean | undefined): { readonly attributes?: JsonObject } {
  if (typeof value !== 'string') return {};
  let read: Json = null;
  try {
    read = JSON.parse(value) as Json;
  } catch {
    // Said below.
  }
  if (isJsonObject(read)) return { attributes: read };
  throw new GantryError('bad_request', {
    message: 'It is not a JSON object.',
    where: '--attributes',
    fix: `Usage: gantry ${linkUsage}`,
  });
}
