import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const createUsage =
  'connect-token create --tenant SLUG [--integration NAME ...] [--connection SLUG] [--return-url URL] [--minutes N] [--json]';

export const connectTokenCreate: Command = {
  name: 'connect-token create',
  usage: createUsage,
  summary: 'make a link to the connect page for somebody of the customer: good for one connection and a short time',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, createUsage, {
      tenant: { type: 'string' },
      integration: { type: 'string', multiple: true },
      connection: { type: 'string' },
      'return-url': { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'boolean' },
    });
    const { connection, 'return-url': returnUrl, minutes } = read.values;
    const integrations = read.lists['integration'] ?? [];
    const body = {
      tenant: required(read, 'tenant', createUsage),
      by: userName(),
      ...(integrations.length === 0 ? {} : { integrations }),
      ...(typeof connection === 'string' ? { connection } : {}),
      ...(typeof returnUrl === 'string' ? { return_url: returnUrl } : {}),
      ...(typeof minutes === 'string' ? { expires_in_s: secondsIn(minutes) } : {}),
    };
    const made = await askServer(env, { method: 'POST', path: '/v1/connect-tokens', body });
    if (read.values['json'] === true) out(JSON.stringify(made));
    else out(`Open in a browser, until ${text(made['expires_at'])}:\n${text(made['url'])}`);
    return 0;
  },
};

const listUsage = 'connect-token list --tenant SLUG';

export const connectTokenList: Command = {
  name: 'connect-token list',
  usage: listUsage,
  summary: 'links to the connect page: id, state, who made them',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' } });
    const tenant = encodeURIComponent(required(read, 'tenant', listUsage));
    const body = await askServer(env, { method: 'GET', path: `/v1/connect-tokens?tenant=${tenant}` });
    const rows = (body['connect_tokens'] as Json[]).filter(isJsonObject);
    if (rows.length === 0) out('There are none.');
    for (const row of rows) {
      const where = row['connection'] === null ? '' : `  ${text(row['connection'])}`;
      out(
        `${text(row['id'])}  ${text(row['state'])}  until ${text(row['expires_at'])}  by ${text(row['created_by'])}${where}`,
      );
    }
    return 0;
  },
};

const revokeUsage = 'connect-token revoke ID --tenant SLUG';

export const connectTokenRevoke: Command = {
  name: 'connect-token revoke',
  usage: revokeUsage,
  summary: 'take a link to the connect page back',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, revokeUsage, { tenant: { type: 'string' } }, 1);
    const [id = ''] = read.positionals;
    const tenant = encodeURIComponent(required(read, 'tenant', revokeUsage));
    const path = `/v1/connect-tokens/${encodeURIComponent(id)}?tenant=${tenant}`;
    const done = await askServer(env, { method: 'DELETE', path });
    out(`Link ${text(done['id'])} is revoked.`);
    return 0;
  },
};

function secondsIn(minutes: string): number {
  const count = Number(minutes);
  if (Number.isInteger(count) && count > 0) return count * 60;
  throw new GantryError('bad_request', {
    message: `"${minutes.slice(0, 80)}" is not a whole number of minutes.`,
    where: '--minutes',
    fix: `Usage: gantry ${createUsage}`,
  });
}
