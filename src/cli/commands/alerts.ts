import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { askServer } from '../operator-client.ts';

const listUsage = 'alerts [--tenant SLUG] [--recent] [--json]';

export const alerts: Command = {
  name: 'alerts',
  usage: listUsage,
  summary: 'what is wrong now, who can put it right and who was told; --recent: what is over, too',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      tenant: { type: 'string' },
      recent: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const query = new URLSearchParams();
    if (read.values['tenant'] !== undefined) query.set('tenant', String(read.values['tenant']));
    if (read.values['recent'] === true) query.set('resolved', 'true');
    const body = await askServer(env, { method: 'GET', path: `/v1/alerts?${query.toString()}` });
    const rows = rowsIn(body['alerts']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing is wrong.');
    else for (const row of rows) for (const line of alertLines(row)) out(line);
    return 0;
  },
};

const ackUsage = 'alerts ack ID [--tenant SLUG] [--note TEXT] [--by NAME]';

export const alertsAck: Command = {
  name: 'alerts ack',
  usage: ackUsage,
  summary: 'say that somebody looks after it: nobody is reminded any more (without --tenant: of the installation)',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, note: { type: 'string' }, by: { type: 'string' } } as const;
    const read = readArguments(args, ackUsage, options, 1);
    const id = requiredWord(read, 'ID', ackUsage);
    const { tenant, note, by } = read.values;
    const body: JsonObject = {
      ...(tenant === undefined ? {} : { tenant: String(tenant) }),
      ...(note === undefined ? {} : { note: String(note) }),
      ...(by === undefined ? {} : { by: String(by) }),
    };
    const path = `/v1/alerts/${encodeURIComponent(id)}/acknowledge`;
    for (const line of alertLines(await askServer(env, { method: 'POST', path, body }))) out(line);
    return 0;
  },
};

const routesUsage = 'alerts routes [--json]';

export const alertsRoutes: Command = {
  name: 'alerts routes',
  usage: routesUsage,
  summary: 'where messages go, for which topics, tenants and severity, and what is missing for it',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, routesUsage, { json: { type: 'boolean' } });
    const body = await askServer(env, { method: 'GET', path: '/v1/alert-routes' });
    const rows = rowsIn(body['routes']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('No routes are declared: nobody is told. Alerts are listed by gantry alerts.');
    else for (const row of rows) out(routeLine(row));
    return 0;
  },
};

const testUsage = 'alerts test ROUTE';

export const alertsTest: Command = {
  name: 'alerts test',
  usage: testUsage,
  summary: 'send one message by this route, now',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, testUsage, {}, 1);
    const route = requiredWord(read, 'ROUTE', testUsage);
    const path = `/v1/alert-routes/${encodeURIComponent(route)}/test`;
    const done = await askServer(env, { method: 'POST', path, body: {} });
    const delivered = done['delivered'] === true;
    out(delivered ? `Route ${route} took the message.` : `Route ${route} did not take the message: ${whyNot(done)}.`);
    return delivered ? 0 : 1;
  },
};

const whyNot = (done: JsonObject): string =>
  [causeText(text(done['cause'])), text(done['status'])].filter((part) => part !== '').join(', ');

/** What the log calls a cause, with the way out where it is not plain. */
function causeText(cause: string): string {
  switch (cause) {
    case 'address_refused':
      return 'its address is not https in a public network (GANTRY_ALERTS_TO_PRIVATE=1 allows private ones, GANTRY_EVENTS_TO_LOOPBACK=1 this machine)';
    case 'esocket':
    case 'econnection':
      return 'no mail server answered at GANTRY_SMTP_URL';
    default:
      return cause;
  }
}

function alertLines(row: JsonObject): string[] {
  const tenant = text(row['tenant']);
  const place = tenant === '' ? 'installation' : tenant;
  const state = text(row['state']);
  const times =
    state === 'resolved'
      ? `from ${text(row['since'])} to ${text(row['resolved_at'])}`
      : `since ${text(row['since'])}${state === 'clearing' ? ', gone for now' : ''}`;
  const ack = isJsonObject(row['acknowledged']) ? row['acknowledged'] : null;
  const note = ack === null || text(ack['note']) === '' ? '' : `: ${text(ack['note'])}`;
  return [
    `#${text(row['id'])}  ${text(row['severity'])}  ${place}  ${text(row['title'])}  [${text(row['topic'])}]`,
    `    ${times}. ${text(row['detail'])}`,
    ...(state === 'resolved' ? [] : [`    ${text(row['who_can_fix'])}: ${text(row['fix'])}`]),
    ...(ack === null ? [] : [`    ${text(ack['by'])} looks after it since ${text(ack['at'])}${note}`]),
    ...rowsIn(row['messages'])
      .filter((message) => message['state'] === 'due' || message['state'] === 'dead')
      .map((message) => `    not told by ${text(message['route'])} (${text(message['kind'])}): ${notTold(message)}`),
  ];
}

const notTold = (message: JsonObject): string =>
  message['state'] === 'dead'
    ? `given up after ${text(message['attempts'])} tries, ${causeText(text(message['cause']))}`
    : `${causeText(text(message['cause'])) || 'not tried yet'}, next try ${text(message['next_try'])}`;

function routeLine(row: JsonObject): string {
  const list = (name: string): string =>
    Array.isArray(row[name]) ? row[name].map((each) => text(each)).join(', ') : '';
  const missing = text(row['missing']);
  const to = row['to'] === 'email' ? `email to ${list('addresses')}` : text(row['to']);
  const wants = `${list('topics')} of ${list('tenants')}, ${text(row['severity'])} or worse`;
  return `${text(row['route'])}  ${to}  ${wants}${missing === '' ? '' : `  LEADS NOWHERE: ${missing} is not set`}`;
}

const rowsIn = (json: Json | undefined): readonly JsonObject[] =>
  Array.isArray(json) ? (json as Json[]).filter(isJsonObject) : [];

const text = (json: Json | undefined): string =>
  typeof json === 'string' ? json : typeof json === 'number' ? String(json) : '';
