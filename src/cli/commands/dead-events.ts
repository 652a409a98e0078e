import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { listOptions, listQuery } from '../list-query.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const listUsage = 'dead-events --tenant SLUG [--connection SLUG] [--limit N] [--json]';

export const deadEvents: Command = {
  name: 'dead-events',
  usage: listUsage,
  summary: 'what providers told (webhooks, lines of events) and nobody could read, with cause and tries',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, listOptions);
    const path = `/v1/dead-events?${listQuery(read, listUsage, ['connection', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['dead_events']);
    if (read.values['json'] === true) {
      out(JSON.stringify(rows));
      return 0;
    }
    if (rows.length === 0) out('There are no dead events.');
    for (const row of rows) {
      const { connection, object, record, what, event, received_at: at, tries, code, problem } = row;
      const of = record === null ? said(object) : `${said(object)} ${said(record)}`;
      out(
        `${said(connection)}  ${of} ${said(what)}, received ${said(at)}: ${said(problem)} [${said(code)}] after ${counted(tries, 'try')}`,
      );
      out(`    event ${said(event)}`);
    }
    return 0;
  },
};

const replayUsage = 'dead-events replay [EVENT] --tenant SLUG --connection SLUG [--note TEXT] [--json]';

export const deadEventsReplay: Command = {
  name: 'dead-events replay',
  usage: replayUsage,
  summary: 'try one again, or all of a connection',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, replayUsage, actOptions, 1);
    const { note } = read.values;
    const [event] = read.positionals;
    const body = {
      tenant: required(read, 'tenant', replayUsage),
      connection: required(read, 'connection', replayUsage),
      by: userName(),
      ...(event === undefined ? {} : { event }),
      ...(typeof note === 'string' ? { note } : {}),
    };
    const done = await askServer(env, { method: 'POST', path: '/v1/dead-events/replay', body });
    out(read.values['json'] === true ? JSON.stringify(done) : `Tried again: ${said(done['replayed'])}`);
    return 0;
  },
};

const dropUsage = 'dead-events drop [EVENT] [--all] --tenant SLUG --connection SLUG --note TEXT [--json]';

export const deadEventsDrop: Command = {
  name: 'dead-events drop',
  usage: dropUsage,
  summary: 'forget one, or with --all those of a connection; --note says why and is kept',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, dropUsage, { ...actOptions, all: { type: 'boolean' } }, 1);
    const [event] = read.positionals;
    if ((event === undefined) !== (read.values['all'] === true)) {
      out('Nothing was dropped: name one event, or all of the connection with --all.');
      return 1;
    }
    const body = {
      tenant: required(read, 'tenant', dropUsage),
      connection: required(read, 'connection', dropUsage),
      note: required(read, 'note', dropUsage),
      by: userName(),
      ...(event === undefined ? {} : { event }),
    };
    const done = await askServer(env, { method: 'POST', path: '/v1/dead-events/drop', body });
    out(read.values['json'] === true ? JSON.stringify(done) : `Dropped: ${said(done['dropped'])}`);
    return 0;
  },
};

const actOptions = {
  tenant: { type: 'string' },
  connection: { type: 'string' },
  note: { type: 'string' },
  json: { type: 'boolean' },
} as const;
