import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditPublicKey, dataDirOf, readConfig, verifyCopy, type Environment } from '../../app/index.ts';
import { GantryError, isJsonObject, systemRandom, type JsonObject } from '../../kernel/index.ts';
import { openDb } from '../../store/index.ts';
import { readArguments, required, type ReadArguments } from '../arguments.ts';
import { dayRange, sinceMoment } from '../audit-times.ts';
import type { Command } from '../command.ts';
import { csvLine } from '../csv-line.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const usage =
  'audit [--tenant SLUG] [--about RECORD|NAME] [--agent NAME] [--person NAME] [--plan ID] [--connection SLUG] ' +
  '[--object NAME] [--model NAME] [--kind KIND,...] [--day DAY | --since SPAN | --from TIME --to TIME] ' +
  '[--amount-from N] [--amount-to N] [--limit N] [--all] [--json | --csv]';

const texts = ['about', 'agent', 'person', 'plan', 'connection', 'object', 'model', 'kind'];
const options = Object.fromEntries([
  ...[...texts, 'tenant', 'day', 'since', 'from', 'to', 'amount-from', 'amount-to', 'limit'].map(
    (name) => [name, { type: 'string' }] as const,
  ),
  ...['all', 'json', 'csv'].map((name) => [name, { type: 'boolean' }] as const),
]) as Parameters<typeof readArguments>[2];

export const audit: Command = {
  name: 'audit',
  usage,
  summary:
    'what happened, a sentence each: by record, agent, person, day, amount or system; exports as JSON lines or CSV; ' +
    'without --tenant: operators, agents and switches of the whole installation',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, options);
    const query = queryOf(read);
    const [asJson, asCsv] = [read.values['json'] === true, read.values['csv'] === true];
    if (asCsv) out(csvLine(['seq', 'at', 'kind', 'sentence', 'actor', 'subject', 'reason', 'amount', 'detail']));
    let count = 0;
    for (;;) {
      const page = await askServer(env, { method: 'GET', path: `/v1/audit?${query.toString()}` });
      for (const row of rowsIn(page['entries'])) {
        out(asJson ? JSON.stringify(row) : asCsv ? csvOf(row) : lineOf(row));
        count += 1;
      }
      const next = page['next'];
      if (typeof next !== 'number') break;
      if (read.values['all'] !== true) {
        if (!asJson && !asCsv) out('There is more: --all shows everything, --limit how many.');
        break;
      }
      query.set('before', String(next));
    }
    if (count === 0 && !asJson && !asCsv) out('Nothing of that kind happened.');
    return 0;
  },
};

const verifyUsage = 'audit verify [--tenant SLUG] [--file CHECKPOINTS --public-key HEX,...] [--json]';

export const auditVerify: Command = {
  name: 'audit verify',
  usage: verifyUsage,
  summary:
    'works the whole chain out anew, against the signed checkpoints: 0 where nothing was changed, else 1; with --file ' +
    'the database itself is read, without a server and its keys',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, verifyUsage, {
      tenant: { type: 'string' },
      file: { type: 'string' },
      'public-key': { type: 'string' },
      json: { type: 'boolean' },
    });
    const { tenant } = read.values;
    const named = typeof tenant === 'string' ? { tenant } : {};
    const file = read.values['file'];
    const report =
      typeof file === 'string'
        ? await verifyHere(env, { ...named, file, publicKeys: keysIn(required(read, 'public-key', verifyUsage)) })
        : await askServer(env, {
            method: 'GET',
            path: `/v1/audit/verification?${new URLSearchParams(named).toString()}`,
          });
    if (read.values['json'] === true) out(JSON.stringify(report));
    else for (const line of reportLines(report)) out(line);
    return report['ok'] === true ? 0 : 1;
  },
};

export const auditKey: Command = {
  name: 'audit key',
  usage: 'audit key',
  summary: 'the public key that checkpoints are verified with; keep it where nobody can exchange it',
  run: async ({ args, env, out }) => {
    readArguments(args, 'audit key', {});
    out(auditPublicKey(await readConfig(env, systemRandom)));
    return 0;
  },
};

/** Nothing is migrated or written: it may be a copy of an older program. */
async function verifyHere(
  env: Environment,
  { file, publicKeys, ...named }: { readonly tenant?: string; readonly file: string; readonly publicKeys: string[] },
): Promise<JsonObject> {
  const text = await readFile(file, 'utf8');
  const databaseUrl = env['DATABASE_URL'];
  const db = await openDb({
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    dataDir: join(dataDirOf(env), 'db'),
  });
  try {
    return await verifyCopy(db, { ...named, text, publicKeys });
  } finally {
    await db.close();
  }
}

function keysIn(text: string): string[] {
  const keys = text.split(',');
  if (keys.every((key) => /^[0-9a-f]{64}$/.test(key))) return keys;
  throw new GantryError('bad_request', {
    message: 'A public key is 64 digits 0 to 9 and a to f.',
    where: '--public-key',
    fix: 'Ask whoever runs the installation for the output of `gantry audit key`.',
  });
}

function queryOf(read: ReadArguments): URLSearchParams {
  const query = new URLSearchParams();
  put(query, 'tenant', read.values['tenant']);
  for (const name of texts) put(query, name, read.values[name]);
  put(query, 'amount_from', read.values['amount-from']);
  put(query, 'amount_to', read.values['amount-to']);
  put(query, 'limit', read.values['limit'] ?? (read.values['all'] === true ? '1000' : undefined));
  const { day, since, from, to } = read.values;
  if ([day, since, from ?? to].filter((each) => each !== undefined).length > 1) {
    throw new GantryError('bad_request', {
      message: '--day, --since and --from with --to say the same in different ways.',
      fix: `Usage: gantry ${usage}`,
    });
  }
  if (typeof day === 'string') {
    const range = dayRange(day);
    query.set('from', range.from.toISOString());
    query.set('to', range.to.toISOString());
  }
  if (typeof since === 'string') query.set('from', sinceMoment(since).toISOString());
  put(query, 'from', from);
  put(query, 'to', to);
  return query;
}

function put(query: URLSearchParams, name: string, value: string | boolean | undefined): void {
  if (typeof value === 'string') query.set(name, value);
}

const lineOf = ({ seq, at, sentence }: JsonObject): string => `${said(at)}  #${said(seq)}  ${said(sentence)}`;

function csvOf({ seq, at, kind, sentence, actor, subject, reason, amount, detail }: JsonObject): string {
  const asText = (value: JsonObject[string] | undefined): string =>
    value === undefined || value === null ? '' : JSON.stringify(value);
  return csvLine([
    said(seq),
    said(at),
    said(kind),
    said(sentence),
    asText(actor),
    asText(subject),
    said(reason),
    said(amount),
    asText(detail),
  ]);
}

function reportLines(report: JsonObject): string[] {
  const checkpoints = isJsonObject(report['checkpoints']) ? report['checkpoints'] : {};
  const findings = rowsIn(report['findings']);
  const unknownKeys = Array.isArray(report['unknown_keys']) ? report['unknown_keys'] : [];
  return [
    `${said(report['entries'])} entries, ${said(report['erased'])} of them erased; ` +
      `${said(checkpoints['database'])} checkpoints in the database, ${said(checkpoints['file'])} outside of it.`,
    ...(report['last_checkpoint'] === null ? [] : [`Signed up to ${said(report['last_checkpoint'])}.`]),
    ...(checkpoints['badly_signed'] === 0
      ? []
      : [`${said(checkpoints['badly_signed'])} checkpoints are not signed by us.`]),
    ...(unknownKeys.length === 0 ? [] : [unknownText(checkpoints['key_unknown'], unknownKeys)]),
    ...(checkpoints['torn'] === 0 ? [] : [`Torn, and counted as not there: ${counted(checkpoints['torn'], 'line')}.`]),
    ...findings.map(({ kind, seq }) => `#${said(seq)}: ${said(kind).replaceAll('_', ' ')}`),
    endText(report, { isBadlySigned: checkpoints['badly_signed'] !== 0 }),
  ];
}

const unknownText = (count: JsonObject[string] | undefined, keys: readonly JsonObject[string][]): string =>
  `Signed by keys that are not known here (${keys.map(said).join(', ')}): ${counted(count, 'checkpoint')}, which says ` +
  'nothing of whether something was changed. Name the keys of former master keys: docs/audit.md, "Former keys".';

/** What names a key that is not known here is neither proven nor disproven. */
function endText(report: JsonObject, { isBadlySigned }: { readonly isBadlySigned: boolean }): string {
  if (report['ok'] === true) return 'Nothing was changed, removed or moved.';
  const isChanged = rowsIn(report['findings']).some(({ kind }) => !said(kind).endsWith('_key_unknown'));
  return isChanged || isBadlySigned
    ? 'This is not what was written.'
    : 'Nothing was found that was changed; not all of it can be told without these keys.';
}
