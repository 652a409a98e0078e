import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';

const addUsage = 'operators add NAME --role viewer|operator|approver|backend|admin [--expires-in-days N] [--json]';

export const operatorsAdd: Command = {
  name: 'operators add',
  usage: addUsage,
  summary: 'give somebody a key and a role; the key is printed once, and whoever had the name loses theirs',
  run: async ({ args, env, out }) => {
    const options = {
      role: { type: 'string' },
      'expires-in-days': { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, addUsage, options, 1);
    const days = read.values['expires-in-days'];
    const body = {
      name: requiredWord(read, 'NAME', addUsage),
      role: required(read, 'role', addUsage),
      ...(days === undefined ? {} : { expires_in_days: daysIn(days) }),
    };
    const made = await askServer(env, { method: 'POST', path: '/v1/operators', body });
    out(read.values['json'] === true ? JSON.stringify(made) : text(made['key']));
    return 0;
  },
};

const listUsage = 'operators list [--json]';

export const operatorsList: Command = {
  name: 'operators list',
  usage: listUsage,
  summary: 'operators with keys of their own: name, role, since when',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { json: { type: 'boolean' } });
    const { operators } = await askServer(env, { method: 'GET', path: '/v1/operators' });
    if (read.values['json'] === true) out(JSON.stringify(operators));
    else {
      const rows = (operators as Json[]).filter(isJsonObject);
      if (rows.length === 0) out('There are none; GANTRY_OPERATOR_KEY is an admin.');
      for (const row of rows) {
        const until = row['expires_at'] === null ? '' : `  until ${text(row['expires_at'])}`;
        out(
          `${text(row['name'])}  ${text(row['role'])}  since ${text(row['created_at'])} by ${text(row['created_by'])}${until}`,
        );
      }
    }
    return 0;
  },
};

const removeUsage = 'operators remove NAME';

export const operatorsRemove: Command = {
  name: 'operators remove',
  usage: removeUsage,
  summary: "take an operator's key back, at once and in all processes",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, removeUsage, {}, 1);
    const name = encodeURIComponent(requiredWord(read, 'NAME', removeUsage));
    const removed = await askServer(env, { method: 'DELETE', path: `/v1/operators/${name}` });
    out(`${text(removed['name'])} is no operator any more.`);
    return 0;
  },
};

const signOutUsage = 'operators sign-out NAME';

export const operatorsSignOut: Command = {
  name: 'operators sign-out',
  usage: signOutUsage,
  summary: 'void the tokens that identity providers issued to an operator up to now',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, signOutUsage, {}, 1);
    const name = encodeURIComponent(requiredWord(read, 'NAME', signOutUsage));
    const done = await askServer(env, { method: 'POST', path: `/v1/operators/${name}/sign-out`, body: {} });
    out(`${text(done['name'])} has to sign in again; a key of ours stays good.`);
    return 0;
  },
};

function daysIn(value: string | boolean): number {
  const days = Number(value);
  if (Number.isInteger(days) && days > 0) return days;
  throw new GantryError('bad_request', {
    message: `"${String(value).slice(0, 80)}" is not a whole number of days.`,
    where: '--expires-in-days',
    fix: `Usage: gantry ${addUsage}`,
  });
}
