import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { connectionLines, lifeLines, text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const listUsage = 'connection list --tenant SLUG [--deleted] [--json]';

export const connectionList: Command = {
  name: 'connection list',
  usage: listUsage,
  summary: 'the connections of a tenant, one line each; --deleted: what is left of deleted ones',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      tenant: { type: 'string' },
      deleted: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const tenant = encodeURIComponent(required(read, 'tenant', listUsage));
    const deleted = read.values['deleted'] === true;
    const path = deleted ? `/v1/deleted-connections?tenant=${tenant}` : `/v1/connections?tenant=${tenant}`;
    const body = await askServer(env, { method: 'GET', path });
    const rows = (Array.isArray(body['connections']) ? (body['connections'] as Json[]) : []).filter(isJsonObject);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out(deleted ? 'None was deleted.' : 'No connections yet.');
    else for (const row of rows) out(deleted ? deletedLine(row) : shortLine(row));
    return 0;
  },
};

const showUsage = 'connection show SLUG --tenant SLUG [--json]';

export const connectionShow: Command = {
  name: 'connection show',
  usage: showUsage,
  summary: 'one connection: its state in words, who can change it, and its objects',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, showUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } }, 1);
    const tenant = required(read, 'tenant', showUsage);
    const [slug = ''] = read.positionals;
    const path = `${pathOf(slug)}?tenant=${encodeURIComponent(tenant)}`;
    const shown = await askServer(env, { method: 'GET', path });
    if (read.values['json'] === true) out(JSON.stringify(shown));
    else for (const line of connectionLines(shown, tenant)) out(line);
    return 0;
  },
};

export const connectionPause = actCommand('pause', 'stop reading and sending, and keep what is here; note why');
export const connectionResume = actCommand('resume', 'go on from where a pause stopped it');
export const connectionRevoke = actCommand(
  'revoke',
  'end the access: at the provider where it can be, and destroy the credentials; data stays',
);

const deleteUsage = 'connection delete SLUG --tenant SLUG --confirm SLUG [--note TEXT]';

export const connectionDelete: Command = {
  name: 'connection delete',
  usage: deleteUsage,
  summary: 'end the access and remove everything of the connection; --confirm repeats its name',
  run: async ({ args, env, out }) => {
    const read = readArguments(
      args,
      deleteUsage,
      { tenant: { type: 'string' }, confirm: { type: 'string' }, note: { type: 'string' } },
      1,
    );
    const [slug = ''] = read.positionals;
    const note = read.values['note'];
    if (required(read, 'confirm', deleteUsage) !== slug) {
      out(`Nothing was deleted: --confirm must repeat "${slug}".`);
      return 1;
    }
    const query = new URLSearchParams({
      tenant: required(read, 'tenant', deleteUsage),
      by: userName(),
      ...(typeof note === 'string' ? { note } : {}),
    });
    const done = await askServer(env, { method: 'DELETE', path: `${pathOf(slug)}?${query.toString()}` });
    out(deletedLine(done));
    return 0;
  },
};

function actCommand(act: 'pause' | 'resume' | 'revoke', summary: string): Command {
  const usage = `connection ${act} SLUG --tenant SLUG [--note TEXT]`;
  return {
    name: `connection ${act}`,
    usage,
    summary,
    run: async ({ args, env, out }) => {
      const read = readArguments(args, usage, { tenant: { type: 'string' }, note: { type: 'string' } }, 1);
      const [slug = ''] = read.positionals;
      const note = read.values['note'];
      const body = {
        tenant: required(read, 'tenant', usage),
        by: userName(),
        ...(typeof note === 'string' ? { note } : {}),
      };
      const shown = await askServer(env, { method: 'POST', path: `${pathOf(slug)}/${act}`, body });
      for (const line of lifeLines(shown)) out(line);
      return 0;
    },
  };
}

const pathOf = (slug: string): string => `/v1/connections/${encodeURIComponent(slug)}`;

const shortLine = (row: JsonObject): string =>
  `${text(row['connection'])}  ${text(row['state'])}  since ${text(row['since'])}  ${text(row['title'])}${row['account'] === null ? '' : `: ${text(row['account'])}`}`;

function deletedLine(row: JsonObject): string {
  const removed = isJsonObject(row['removed']) ? Object.entries(row['removed']) : [];
  const counts = removed.map(([table, rows]) => `${text(rows)} ${table}`).join(', ');
  const when =
    row['purged_at'] === undefined || row['purged_at'] === null
      ? 'rows are still being removed'
      : `done ${text(row['purged_at'])}`;
  return `${text(row['connection'])}  deleted ${text(row['deleted_at'])} by ${text(row['deleted_by'])}; removed: ${counts}; ${when}`;
}
