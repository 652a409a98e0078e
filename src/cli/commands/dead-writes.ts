import { isJsonObject, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { givenQuery } from '../list-query.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const usage = 'dead-writes --tenant SLUG [--days N] [--limit N] [--json]';

export const deadWrites: Command = {
  name: 'dead-writes',
  usage,
  summary: 'writes that failed and may be sent again, or of which a person has to say what became',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, {
      tenant: { type: 'string' },
      days: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    });
    const tenant = required(read, 'tenant', usage);
    const path = `/v1/tenants/${encodeURIComponent(tenant)}/dead-writes?${givenQuery(read, ['days', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['dead_writes']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('No write needs anybody.');
    else for (const line of rows.flatMap(linesOf)) out(line);
    return 0;
  },
};

function linesOf(row: JsonObject): string[] {
  const { plan, item, state, operation, label, ref, in: place, why, code, agent, principal, attempts } = row;
  const who = principal === null ? said(agent) : `${said(agent)} for ${said(principal)}`;
  const fields = isJsonObject(row['fields']) ? Object.keys(row['fields']) : [];
  return [
    `${said(plan)} ${said(item)}  ${said(state)}  ${said(operation)} ${said(label ?? ref ?? place)}, by ${who}, ${counted(attempts, 'try')}`,
    ...(code === null ? [] : [`    ${said(why)} [${said(code)}]`]),
    ...(fields.length === 0 ? [] : [`    fields: ${fields.join(', ')}`]),
  ];
}
