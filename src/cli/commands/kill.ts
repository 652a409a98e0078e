import { GantryError, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const killUsage =
  'kill (--tenant SLUG | --everybody) --reason TEXT [--mode stop_writes|stop_all_upstream|read_replica_only|drain] ' +
  '[--connection SLUG [--object NAME] | --operation NAME | --agent NAME | --principal NAME] [--by NAME] [--json]';
const named = ['connection', 'object', 'operation', 'agent', 'principal', 'by'];

export const kill: Command = {
  name: 'kill',
  usage: killUsage,
  summary: 'stops writes (or more) of a tenant, connection, object, operation, agent or user, or of everybody, at once',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, killUsage, {
      ...Object.fromEntries([...named, 'tenant', 'reason', 'mode'].map((name) => [name, { type: 'string' as const }])),
      everybody: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const body = Object.fromEntries(
      named.flatMap((name) => (typeof read.values[name] === 'string' ? [[name, read.values[name]] as const] : [])),
    );
    // Everything of everybody is never what a forgotten option means, and no customer's beside it.
    const isBoth = read.values['everybody'] === true && read.values['tenant'] !== undefined;
    if (isBoth)
      throw new GantryError('bad_request', {
        message: '--everybody stops all customers, and --tenant names one of them.',
        fix: `Usage: gantry ${killUsage}`,
      });
    const whose = read.values['everybody'] === true ? {} : { tenant: required(read, 'tenant', killUsage) };
    const mode = typeof read.values['mode'] === 'string' ? read.values['mode'] : 'stop_writes';
    const reason = required(read, 'reason', killUsage);
    const thrown = await askServer(env, {
      method: 'POST',
      path: '/v1/switches',
      body: { ...whose, ...body, mode, reason },
    });
    out(read.values['json'] === true ? JSON.stringify(thrown) : `${lineOf(thrown)}\nIt holds now.`);
    return 0;
  },
};

const liftUsage = 'kill lift ID [--tenant SLUG] --reason TEXT [--json]';

export const killLift: Command = {
  name: 'kill lift',
  usage: liftUsage,
  summary: 'lets it go on: the first person asks, a second one grants, each with a key of their own',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, reason: { type: 'string' }, json: { type: 'boolean' } } as const;
    const read = readArguments(args, liftUsage, options, 1);
    const id = requiredWord(read, 'ID', liftUsage);
    const reason = required(read, 'reason', liftUsage);
    const tenant = read.values['tenant'];
    const lifted = await askServer(env, {
      method: 'POST',
      path: `/v1/switches/${encodeURIComponent(id)}/lift`,
      body: { ...(typeof tenant === 'string' ? { tenant } : {}), reason },
    });
    if (read.values['json'] === true) out(JSON.stringify(lifted));
    else out(lifted['state'] === 'lifted' ? 'It goes on.' : 'Asked for: it goes on once somebody else does the same.');
    return 0;
  },
};

const listUsage = 'switches [--tenant SLUG] [--json]';

export const switches: Command = {
  name: 'switches',
  usage: listUsage,
  summary: 'what is stopped, by whom, why and since when; without --tenant: for everybody',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = read.values['tenant'];
    const query = typeof tenant === 'string' ? `?${new URLSearchParams({ tenant }).toString()}` : '';
    const rows = rowsIn((await askServer(env, { method: 'GET', path: `/v1/switches${query}` }))['switches']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing is stopped, and nothing was.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

function lineOf({ id, state, mode, text, reason, thrown_by, thrown_at, lifted_by, lifted_at }: JsonObject): string {
  const end = state === 'lifted' ? `, lifted by ${said(lifted_by)} at ${said(lifted_at)}` : '';
  const asked = state === 'lift_asked' ? ', to be lifted: a second person is missing' : '';
  return `#${said(id)}  ${said(mode)} of ${said(text)} by ${said(thrown_by)} at ${said(thrown_at)}${end}${asked}: ${said(reason)}`;
}
