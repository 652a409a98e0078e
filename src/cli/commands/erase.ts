import { GantryError, isJsonObject, systemClock, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const eraseUsage =
  'erase --tenant SLUG [--email ADDRESS] [--user NAME ...] [--record CONNECTION/OBJECT/ID ...] [--text TEXT ...] [--mentions] [--dry-run] [--note TEXT] [--json]';

/** Follows it to its end: it goes on without us, too. */
export const erase: Command = {
  name: 'erase',
  usage: eraseUsage,
  summary: 'erase what is known of a person, with proof; --dry-run: say what would go, by place, without values',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, eraseUsage, {
      tenant: { type: 'string' },
      email: { type: 'string' },
      user: { type: 'string', multiple: true },
      record: { type: 'string', multiple: true },
      text: { type: 'string', multiple: true },
      mentions: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      note: { type: 'string' },
      json: { type: 'boolean' },
    });
    const { email, note } = read.values;
    const path = `/v1/tenants/${encodeURIComponent(required(read, 'tenant', eraseUsage))}/erasures`;
    const body = {
      ...(typeof email === 'string' ? { email } : {}),
      ...(typeof note === 'string' ? { note } : {}),
      users: [...(read.lists['user'] ?? [])],
      texts: [...(read.lists['text'] ?? [])],
      records: (read.lists['record'] ?? []).map(recordIn),
      mentions: read.values['mentions'] === true,
      dry_run: read.values['dry-run'] === true,
      by: userName(),
    };
    let answer = await askServer(env, { method: 'POST', path, body });
    while (answer['dry_run'] !== true && isUnderWay(answer)) {
      await systemClock.sleep(1_000);
      answer = await askServer(env, { method: 'GET', path: `${path}/${text(answer['erasure'])}` });
    }
    if (read.values['json'] === true) out(JSON.stringify(answer));
    else for (const line of answer['dry_run'] === true ? reportLines(answer) : endLines(answer)) out(line);
    return isIncomplete(answer) ? 1 : 0;
  },
};

const listUsage = 'erase list --tenant SLUG';

export const eraseList: Command = {
  name: 'erase list',
  usage: listUsage,
  summary: 'erasures at a tenant: state, who asked, what went',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' } });
    const tenant = encodeURIComponent(required(read, 'tenant', listUsage));
    const body = await askServer(env, { method: 'GET', path: `/v1/tenants/${tenant}/erasures` });
    const rows = (body['erasures'] as Json[]).filter(isJsonObject);
    if (rows.length === 0) out('There are none.');
    for (const row of rows) {
      const went = Object.values(countsIn(row['removed'])).reduce((sum, count) => sum + count, 0);
      const when = text(row['ended_at'] ?? row['state_since']);
      out(
        `${text(row['erasure'])}  ${text(row['state'])}  ${when}  by ${text(row['asked_by'])}  ${String(went)} rows  ${text(row['note'] ?? '')}`.trimEnd(),
      );
    }
    return 0;
  },
};

const showUsage = 'erase show NUMBER --tenant SLUG';

export const eraseShow: Command = {
  name: 'erase show',
  usage: showUsage,
  summary: 'one erasure with its proof, as JSON',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, showUsage, { tenant: { type: 'string' } }, 1);
    const tenant = encodeURIComponent(required(read, 'tenant', showUsage));
    const number = encodeURIComponent(requiredWord(read, 'NUMBER', showUsage));
    out(JSON.stringify(await askServer(env, { method: 'GET', path: `/v1/tenants/${tenant}/erasures/${number}` })));
    return 0;
  },
};

const liftUsage = 'erase lift NUMBER --tenant SLUG';

export const eraseLift: Command = {
  name: 'erase lift',
  usage: liftUsage,
  summary: 'let what was erased come in again when its source next tells of it',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, liftUsage, { tenant: { type: 'string' } }, 1);
    const tenant = encodeURIComponent(required(read, 'tenant', liftUsage));
    const number = encodeURIComponent(requiredWord(read, 'NUMBER', liftUsage));
    const path = `/v1/tenants/${tenant}/erasures/${number}/lift`;
    const done = await askServer(env, { method: 'POST', path, body: { by: userName() } });
    out(`${text(done['let_in_again'])} records and fields may come in again; a backfill brings them at once.`);
    return 0;
  },
};

/** Connection, object, id; ids may have slashes. */
function recordIn(name: string): JsonObject {
  const [connection = '', object = '', ...rest] = name.split('/');
  const id = rest.join('/');
  if (connection !== '' && object !== '' && id !== '') return { connection, object, id };
  throw new GantryError('bad_request', {
    message: `--record ${name.slice(0, 100)} names no record.`,
    fix: 'Name it by connection, object and id: --record crm/Contact/0031x00000AbCdE.',
  });
}

const isUnderWay = (answer: JsonObject): boolean => answer['state'] !== 'done' && answer['state'] !== 'lifted';

const countsIn = (value: Json | undefined): Record<string, number> =>
  isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, count]) => [name, Number(count)])) : {};

const listed = (title: string, counts: Record<string, number>): string[] =>
  Object.keys(counts).length === 0
    ? []
    : [title, ...Object.entries(counts).map(([name, count]) => `  ${name.padEnd(32)} ${count.toLocaleString('en')}`)];

function reportLines(answer: JsonObject): string[] {
  const lines = [
    ...listed('Their own records:', countsIn(answer['records'])),
    ...listed('Records of others that name them (emptied with --mentions only):', countsIn(answer['mentions'])),
    ...listed('Earlier versions that name them (the same):', countsIn(answer['past_mentions'])),
    ...listed('By place:', countsIn(answer['places'])),
  ];
  const unknown = Array.isArray(answer['not_known_here']) ? answer['not_known_here'].map(text) : [];
  return [
    ...(lines.length === 0 ? ['Nothing is known of them here.'] : lines),
    ...unknown.map((name) => `Not known here: ${name}. Look whether the id is right.`),
  ];
}

/** Something that was asked for could not be erased, or not yet. */
const isIncomplete = ({ proof }: JsonObject): boolean =>
  isJsonObject(proof ?? null) && (proof as JsonObject)['complete'] === false;

function endLines(answer: JsonObject): string[] {
  const proof = isJsonObject(answer['proof']) ? answer['proof'] : {};
  const left = countsIn(proof['left']);
  return [
    `Erasure ${text(answer['erasure'])} is ${text(answer['state'])}.`,
    ...listed('Erased, by place:', countsIn(answer['removed'])),
    ...listed('Left, though asked for:', left),
    ...(isIncomplete(answer) ? [howToEndIt] : []),
    ...listed('Left, since --mentions was not asked for:', countsIn(proof['not_asked'])),
    `Proof: SHA-256 ${text(answer['proof_sha256'])}; gantry erase show ${text(answer['erasure'])} prints it.`,
  ];
}

const howToEndIt =
  'It is not complete: what is called waiting or open goes when it is over. Repeat the erasure then; the command ends with 1 until nothing is left.';
