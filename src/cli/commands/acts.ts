import { isJsonObject, type JsonObject } from '../../kernel/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { listOptions, listQuery } from '../list-query.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const usage = 'acts --tenant SLUG [--connection SLUG] [--limit N] [--json]';

export const acts: Command = {
  name: 'acts',
  usage,
  summary: 'what operators did to the reading of connections: who, when, why, and what it came to',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, listOptions);
    const path = `/v1/operator-acts?${listQuery(read, usage, ['connection', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['acts']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nobody did anything yet.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

function lineOf({ at, by, act, connection, object, name, note, figures }: JsonObject): string {
  const place = [connection, object, name]
    .filter((part) => part !== null)
    .map(said)
    .join('/');
  const counts = Object.entries(isJsonObject(figures) ? figures : {}).map(
    ([what, count]) => `${what} ${said(count) || 'all'}`,
  );
  return [
    `${said(at)}  ${said(by)}: ${said(act).replaceAll('_', ' ')} of ${place}`,
    ...(counts.length === 0 ? [] : [` (${counts.join(', ')})`]),
    ...(note === null ? [] : [`: ${said(note)}`]),
  ].join('');
}
