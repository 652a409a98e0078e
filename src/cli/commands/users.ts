import { isJsonObject, type Json } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';

const addUsage = 'users add USER --tenant SLUG';

export const usersAdd: Command = {
  name: 'users add',
  usage: addUsage,
  summary: 'give a user a password for signing in here; it is made, and printed once',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, addUsage, { tenant: { type: 'string' } }, 1);
    const body = { tenant: required(read, 'tenant', addUsage), name: requiredWord(read, 'USER', addUsage) };
    const user = await askServer(env, { method: 'POST', path: '/v1/local-users', body });
    out(text(user['password']));
    out(`They sign in with organisation ${text(user['tenant'])}, user ${text(user['name'])} and this password.`);
    return 0;
  },
};

const listUsage = 'users list --tenant SLUG';

export const usersList: Command = {
  name: 'users list',
  usage: listUsage,
  summary: 'users with a password of ours',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' } });
    const tenant = encodeURIComponent(required(read, 'tenant', listUsage));
    const { users } = await askServer(env, { method: 'GET', path: `/v1/local-users?tenant=${tenant}` });
    const rows = (users as Json[]).filter(isJsonObject);
    if (rows.length === 0) out('There are none.');
    for (const row of rows) {
      const locked = row['locked_until'] === null ? '' : `  locked until ${text(row['locked_until'])}`;
      out(`${text(row['name'])}  since ${text(row['created_at'])} by ${text(row['created_by'])}${locked}`);
    }
    return 0;
  },
};

const removeUsage = 'users remove USER --tenant SLUG';

export const usersRemove: Command = {
  name: 'users remove',
  usage: removeUsage,
  summary: "take a user's password away, and end what is open in their name",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, removeUsage, { tenant: { type: 'string' } }, 1);
    const user = requiredWord(read, 'USER', removeUsage);
    const tenant = encodeURIComponent(required(read, 'tenant', removeUsage));
    await askServer(env, { method: 'DELETE', path: `/v1/local-users/${encodeURIComponent(user)}?tenant=${tenant}` });
    out(`${user} has no password any more.`);
    return 0;
  },
};
