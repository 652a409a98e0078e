import { GantryError, isJsonObject, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { listOptions, listQuery } from '../list-query.ts';
import { whoSays } from '../connection-text.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const listUsage = 'dead-letters --tenant SLUG [--connection SLUG] [--object NAME] [--limit N] [--json]';

export const deadLetters: Command = {
  name: 'dead-letters',
  usage: listUsage,
  summary: 'records and pages that could not be read or kept and were set aside, with cause and tries',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { ...listOptions, object: { type: 'string' } });
    const path = `/v1/dead-letters?${listQuery(read, listUsage, ['connection', 'object', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['dead_letters']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('There are no dead letters.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

const showUsage = 'dead-letters show ID --tenant SLUG [--json]';

export const deadLettersShow: Command = {
  name: 'dead-letters show',
  usage: showUsage,
  summary: 'one dead letter: stage, code, times, hash of what came',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, showUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } }, 1);
    const query = new URLSearchParams({ tenant: required(read, 'tenant', showUsage) });
    const letter = letterIn(read.positionals[0], showUsage);
    const shown = await askServer(env, {
      method: 'GET',
      path: `/v1/dead-letters/${String(letter)}?${query.toString()}`,
    });
    if (read.values['json'] === true) {
      out(JSON.stringify(shown));
      return 0;
    }
    out(lineOf(shown));
    out(
      `  stage    ${shown['stage'] === 'read' ? 'it could not be read from the provider' : 'it was read, and could not be kept'}`,
    );
    out(`  who      ${whoSays(shown)}`);
    out(`  class    ${said(shown['class']) || 'none'}`);
    out(`  hash     ${said(shown['bytes_hash']) || 'not known: it did not come whole'}`);
    if (shown['place'] !== null) out(`  place    ${said(shown['place'])}`);
    return 0;
  },
};

const replayUsage = 'dead-letters replay [ID] --tenant SLUG [--connection SLUG [--object NAME]] [--note TEXT] [--json]';

export const deadLettersReplay: Command = {
  name: 'dead-letters replay',
  usage: replayUsage,
  summary: 'try one again, or all of --connection (and --object): records now, pages with the next run',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      connection: { type: 'string' },
      object: { type: 'string' },
      note: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, replayUsage, options, 1);
    const { connection, object, note } = read.values;
    const [id] = read.positionals;
    const body: JsonObject = {
      tenant: required(read, 'tenant', replayUsage),
      by: userName(),
      ...(id === undefined ? {} : { letter: letterIn(id, replayUsage) }),
      ...(typeof connection === 'string' ? { connection } : {}),
      ...(typeof object === 'string' ? { object } : {}),
      ...(typeof note === 'string' ? { note } : {}),
    };
    const done = await askServer(env, { method: 'POST', path: '/v1/dead-letters/replay', body });
    if (read.values['json'] === true) out(JSON.stringify(done));
    else {
      const { asked, read: kept, missing, dead, pages } = done;
      out(
        `Records: ${said(asked)} tried, ${said(kept)} read and kept, ${said(missing)} gone at the provider, ${said(dead)} still dead.`,
      );
      if (pages !== 0) out(`Pages: ${said(pages)} are tried with the next run.`);
    }
    return 0;
  },
};

const dropUsage = 'dead-letters drop ID --tenant SLUG --note TEXT [--json]';

export const deadLettersDrop: Command = {
  name: 'dead-letters drop',
  usage: dropUsage,
  summary: 'forget one; --note says why and is kept; what is read again and fails again comes back',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, note: { type: 'string' }, json: { type: 'boolean' } } as const;
    const read = readArguments(args, dropUsage, options, 1);
    const letter = letterIn(read.positionals[0], dropUsage);
    const query = new URLSearchParams({
      tenant: required(read, 'tenant', dropUsage),
      note: required(read, 'note', dropUsage),
      by: userName(),
    });
    const path = `/v1/dead-letters/${String(letter)}?${query.toString()}`;
    const dropped = await askServer(env, { method: 'DELETE', path });
    out(read.values['json'] === true ? JSON.stringify(dropped) : `Dropped: ${lineOf(dropped)}`);
    return 0;
  },
};

function letterIn(text: string | undefined, usage: string): number {
  if (text !== undefined && /^#?[1-9][0-9]{0,8}$/.test(text)) return Number(text.replace('#', ''));
  throw new GantryError('bad_request', {
    message: text === undefined ? 'The id is missing.' : `"${text.slice(0, 80)}" is no number of a dead letter.`,
    where: 'ID',
    fix: `\`gantry dead-letters\` lists them. Usage: gantry ${usage}`,
  });
}

function lineOf(row: JsonObject): string {
  const { letter, connection, object, kind, name, state, code, tries, first_at: first, last_at: last } = row;
  const { left_out: leftOut } = row;
  const what = isJsonObject(leftOut)
    ? `what changed between ${said(leftOut['from'])} and ${said(leftOut['to'])}`
    : kind === 'page'
      ? 'a page'
      : said(name);
  const trying = state === 'failing' ? ', still tried' : state === 'replaying' ? ', being tried again' : '';
  const when = first === last ? said(first) : `${said(first)} to ${said(last)}`;
  return `#${said(letter)}  ${said(connection)}/${said(object)} ${what}: ${counted(tries, 'try')}, ${when}${trying}: ${said(row['problem'])} [${said(code)}]`;
}
