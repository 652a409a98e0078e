import type { JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { listOptions, listQuery } from '../list-query.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const listUsage =
  'quarantine --tenant SLUG [--connection SLUG] [--object NAME] [--field NAME] [--values] [--limit N] [--json]';

export const quarantine: Command = {
  name: 'quarantine',
  usage: listUsage,
  summary: "values that do not fit their field's type, counted by field and reason; --values shows them",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      ...listOptions,
      object: { type: 'string' },
      field: { type: 'string' },
      values: { type: 'boolean' },
    });
    const query = listQuery(read, listUsage, ['connection', 'object', 'field', 'limit']);
    const withValues = read.values['values'] === true;
    const path = `/v1/quarantine?${query}${withValues ? '&values=true' : ''}`;
    const body = await askServer(env, { method: 'GET', path });
    const rows = rowsIn(body[withValues ? 'values' : 'groups']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing is set aside.');
    else for (const row of rows) out(withValues ? valueLine(row) : groupLine(row));
    return 0;
  },
};

const valueLine = ({ connection, object, id, field, reason, value }: JsonObject): string =>
  `${said(connection)}/${said(object)}/${said(id)} ${said(field)}: ${said(reason)}; got ${said(value)}`;

function groupLine({ connection, object, field, reason, values, examples }: JsonObject): string {
  const some = Array.isArray(examples) ? examples.map(said).join(', ') : '';
  return `${said(connection)}/${said(object)} ${said(field)}: ${counted(values, 'value')}, ${said(reason)}; records such as ${some}`;
}

const replayUsage = 'quarantine replay --tenant SLUG --connection SLUG [--object NAME] [--read] [--note TEXT] [--json]';

export const quarantineReplay: Command = {
  name: 'quarantine replay',
  usage: replayUsage,
  summary: 'try them again by the fields as they are now, from what was kept; --read: from the provider',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, replayUsage, {
      tenant: { type: 'string' },
      connection: { type: 'string' },
      object: { type: 'string' },
      read: { type: 'boolean' },
      note: { type: 'string' },
      json: { type: 'boolean' },
    });
    const { object, note } = read.values;
    const body = {
      tenant: required(read, 'tenant', replayUsage),
      connection: required(read, 'connection', replayUsage),
      read: read.values['read'] === true,
      by: userName(),
      ...(typeof object === 'string' ? { object } : {}),
      ...(typeof note === 'string' ? { note } : {}),
    };
    const done = await askServer(env, { method: 'POST', path: '/v1/quarantine/replay', body });
    if (read.values['json'] === true) {
      out(JSON.stringify(done));
      return 0;
    }
    const rows = rowsIn(done['objects']);
    if (rows.length === 0) out('Nothing is set aside.');
    for (const row of rows) out(replayLine(row));
    return 0;
  },
};

function replayLine(row: JsonObject): string {
  const { object, fitted, records, read, asked, unkept, set_aside: left } = row;
  const done =
    fitted === undefined
      ? `${said(read)} of ${counted(asked, 'record')} read again`
      : `${counted(fitted, 'value')} of ${counted(records, 'record')} fit now`;
  const more =
    typeof unkept === 'number' && unkept > 0 ? `; ${said(unkept)} were too large to be kept: try with --read` : '';
  return `${said(object)}: ${done}; ${counted(left, 'value')} still set aside${more}`;
}
