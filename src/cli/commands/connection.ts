import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import { budgetLines } from '../budget-lines.ts';
import type { Command } from '../command.ts';
import { connectionLines, text } from '../connection-text.ts';
import { credentialValues } from '../credential-values.ts';
import { askServer } from '../operator-client.ts';

const connectUsage =
  'connect --tenant SLUG --integration NAME [--connection SLUG] [--login-url URL]' +
  ' [--method NAME [--value FIELD=TEXT ...] [--values-file FILE|-]]';

export const connect: Command = {
  name: 'connect',
  usage: connectUsage,
  summary: 'connect a system: print where the customer signs in, or sign in with what --method asks for',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, connectUsage, {
      tenant: { type: 'string' },
      integration: { type: 'string' },
      connection: { type: 'string' },
      'login-url': { type: 'string' },
      method: { type: 'string' },
      value: { type: 'string', multiple: true },
      'values-file': { type: 'string' },
    });
    const { connection, method, 'login-url': loginUrl } = read.values;
    const integration = required(read, 'integration', connectUsage);
    const body: JsonObject = {
      tenant: required(read, 'tenant', connectUsage),
      integration,
      ...(typeof connection === 'string' ? { connection } : {}),
      ...(typeof loginUrl === 'string' ? { login_url: loginUrl } : {}),
    };
    if (typeof method === 'string') {
      const path = `/v1/integrations/${encodeURIComponent(integration)}/sign-in`;
      const ways = await askServer(env, { method: 'GET', path });
      const values = await credentialValues(ways, method, read);
      const done = await askServer(env, { method: 'POST', path: '/v1/connections', body: { ...body, method, values } });
      out(`Connected ${text(done['connection'])}: ${text(done['account'])} (${text(done['system'])}).`);
      return 0;
    }
    const started = await askServer(env, { method: 'POST', path: '/v1/connections', body });
    out(`Open in a browser, within ten minutes:\n${text(started['authorize_url'])}`);
    return 0;
  },
};

const statusUsage = 'status --tenant SLUG [--json]';

export const status: Command = {
  name: 'status',
  usage: statusUsage,
  summary: 'connections, what they hold, how fresh it is, what is wrong, and the calls that are left',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, statusUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = required(read, 'tenant', statusUsage);
    const query = `tenant=${encodeURIComponent(tenant)}`;
    const listed = await askServer(env, { method: 'GET', path: `/v1/connections?${query}` });
    const { budgets = [] } = await askServer(env, { method: 'GET', path: `/v1/budgets?${query}` });
    const body: JsonObject = { ...listed, budgets };
    if (read.values['json'] === true) {
      out(JSON.stringify(body));
      return 0;
    }
    const connections = Array.isArray(body['connections']) ? (body['connections'] as Json[]) : [];
    if (connections.length === 0) out(`No connections yet: gantry connect --tenant ${tenant} --integration NAME`);
    for (const connection of connections.filter(isJsonObject))
      for (const line of connectionLines(connection, tenant)) out(line);
    for (const line of budgetLines(budgets)) out(line);
    return 0;
  },
};
