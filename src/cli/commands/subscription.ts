import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { askServer } from '../operator-client.ts';

const createUsage =
  'subscription create --tenant SLUG --agent NAME --object NAME --url URL [--filter JSON] [--events LIST] [--fields LIST] [--note TEXT]';

export const subscriptionCreate: Command = {
  name: 'subscription create',
  usage: createUsage,
  summary: "send an object's events to an address, as far as the agent's grant shows them; the secret is printed once",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, createUsage, {
      tenant: { type: 'string' },
      agent: { type: 'string' },
      object: { type: 'string' },
      url: { type: 'string' },
      filter: { type: 'string' },
      events: { type: 'string' },
      fields: { type: 'string' },
      note: { type: 'string' },
    });
    const { filter, events, fields, note } = read.values;
    const body: JsonObject = {
      tenant: required(read, 'tenant', createUsage),
      agent: required(read, 'agent', createUsage),
      object: required(read, 'object', createUsage),
      url: required(read, 'url', createUsage),
      ...(filter === undefined ? {} : { filter: filterIn(String(filter)) }),
      ...(events === undefined ? {} : { events: String(events).split(',') }),
      ...(fields === undefined ? {} : { fields: String(fields).split(',') }),
      ...(note === undefined ? {} : { note: String(note) }),
    };
    const made = await askServer(env, { method: 'POST', path: '/v1/subscriptions', body });
    out(`Subscription ${text(made['id'])} is active.`);
    out(`Secret (shown once): ${text(made['secret'])}`);
    return 0;
  },
};

const listUsage = 'subscription list --tenant SLUG [--json]';

export const subscriptionList: Command = {
  name: 'subscription list',
  usage: listUsage,
  summary: 'the subscriptions of a tenant, one line each',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = encodeURIComponent(required(read, 'tenant', listUsage));
    const body = await askServer(env, { method: 'GET', path: `/v1/subscriptions?tenant=${tenant}` });
    const rows = rowsIn(body['subscriptions']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('No subscriptions yet.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

export const subscriptionPause = actCommand('pause', 'stop delivering; changes wait for up to 14 days');
export const subscriptionResume = actCommand('resume', 'go on from where it stopped');
export const subscriptionRotate = actCommand(
  'rotate-secret',
  'a new secret, printed once; the old one signs beside it for a day',
);

const deleteUsage = 'subscription delete ID --tenant SLUG';

export const subscriptionDelete: Command = {
  name: 'subscription delete',
  usage: deleteUsage,
  summary: 'end a subscription, with its deliveries',
  run: async ({ args, env, out }) => {
    const { tenant, id } = subscriptionIn(args, deleteUsage);
    await askServer(env, { method: 'DELETE', path: `${pathOf(id)}?tenant=${encodeURIComponent(tenant)}` });
    out(`Subscription ${id} is deleted.`);
    return 0;
  },
};

const deliveriesUsage =
  'subscription deliveries ID --tenant SLUG [--state due|delivered|dead|withheld] [--limit N] [--json]';

export const subscriptionDeliveries: Command = {
  name: 'subscription deliveries',
  usage: deliveriesUsage,
  summary: 'what was sent and what was not, newest first, with every attempt',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      state: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, deliveriesUsage, options, 1);
    const [id = ''] = read.positionals;
    const query = new URLSearchParams({ tenant: required(read, 'tenant', deliveriesUsage) });
    for (const name of ['state', 'limit'] as const) {
      if (read.values[name] !== undefined) query.set(name, String(read.values[name]));
    }
    const body = await askServer(env, { method: 'GET', path: `${pathOf(id)}/deliveries?${query.toString()}` });
    const rows = rowsIn(body['deliveries']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing.');
    for (const row of read.values['json'] === true ? [] : rows) {
      const line = [row['sequence'], row['type'], row['_ref'], row['state'], row['cause']].map(text);
      out(line.filter((part) => part !== '').join('  '));
      for (const attempt of rowsIn(row['attempts'])) {
        out(
          `    ${text(attempt['at'])}  ${text(attempt['status']) || 'no answer'}  ${text(attempt['cause'])}`.trimEnd(),
        );
      }
    }
    return 0;
  },
};

const replayUsage = 'subscription replay ID --tenant SLUG [--from N] [--to N] [--all]';

export const subscriptionReplay: Command = {
  name: 'subscription replay',
  usage: replayUsage,
  summary: 'send dead deliveries again, all or a range of sequence numbers; --all: delivered ones too',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      all: { type: 'boolean' },
    } as const;
    const read = readArguments(args, replayUsage, options, 1);
    const [id = ''] = read.positionals;
    const { from, to, all } = read.values;
    const body: JsonObject = {
      tenant: required(read, 'tenant', replayUsage),
      ...(from === undefined ? {} : { from: Number(from) }),
      ...(to === undefined ? {} : { to: Number(to) }),
      all: all === true,
    };
    const done = await askServer(env, { method: 'POST', path: `${pathOf(id)}/replay`, body });
    out(`${text(done['replayed'])} are sent again.`);
    return 0;
  },
};

function actCommand(act: 'pause' | 'resume' | 'rotate-secret', summary: string): Command {
  const usage = `subscription ${act} ID --tenant SLUG`;
  return {
    name: `subscription ${act}`,
    usage,
    summary,
    run: async ({ args, env, out }) => {
      const { tenant, id } = subscriptionIn(args, usage);
      const done = await askServer(env, { method: 'POST', path: `${pathOf(id)}/${act}`, body: { tenant } });
      out(act === 'rotate-secret' ? `Secret (shown once): ${text(done['secret'])}` : lineOf(done));
      return 0;
    },
  };
}

function subscriptionIn(args: readonly string[], usage: string): { readonly tenant: string; readonly id: string } {
  const read = readArguments(args, usage, { tenant: { type: 'string' } }, 1);
  const [id = ''] = read.positionals;
  return { tenant: required(read, 'tenant', usage), id };
}

const pathOf = (id: string): string => `/v1/subscriptions/${encodeURIComponent(id)}`;

const rowsIn = (json: Json | undefined): readonly JsonObject[] =>
  Array.isArray(json) ? (json as Json[]).filter(isJsonObject) : [];

const text = (json: Json | undefined): string =>
  typeof json === 'string' ? json : typeof json === 'number' ? String(json) : '';

function lineOf(row: JsonObject): string {
  const reason = text(row['reason']);
  const state = reason === '' ? text(row['state']) : `${text(row['state'])} (${reason})`;
  const dead = row['dead'] === 0 ? [] : [`${text(row['dead'])} dead`];
  return [text(row['id']), text(row['object']), text(row['agent']), state, text(row['url']), ...dead].join('  ');
}

function filterIn(json: string): JsonObject {
  try {
    const filter = JSON.parse(json) as Json;
    if (isJsonObject(filter)) return filter;
  } catch {
    // Said below, as of JSON that is no object.
  }
  throw new GantryError('bad_request', { message: 'The filter is not a JSON object.', where: '--filter' });
}
