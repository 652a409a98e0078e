import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { listQuery, listOptions } from '../list-query.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const usage = 'comparisons --tenant SLUG [--connection SLUG] [--object NAME] [--limit N] [--json]';

export const comparisons: Command = {
  name: 'comparisons',
  usage,
  summary: 'comparisons of all records with the provider: what each proved, found and mended',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, { ...listOptions, object: { type: 'string' } });
    const path = `/v1/comparisons?${listQuery(read, usage, ['connection', 'object', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['comparisons']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing was compared yet: the first comparison comes after the first load.');
    else
      for (const row of rows)
        out(
          `${said(row['ended_at'] ?? row['started_at'])}  ${said(row['connection'])}/${said(row['object'])}  ${said(row['what'])}`,
        );
    return 0;
  },
};

const heldUsage = 'deletions --tenant SLUG [--json]';

export const deletions: Command = {
  name: 'deletions',
  usage: heldUsage,
  summary: 'deletions that are held: why, what happens by itself, and how to decide',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, heldUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = encodeURIComponent(required(read, 'tenant', heldUsage));
    const rows = rowsIn(
      (await askServer(env, { method: 'GET', path: `/v1/held-deletions?tenant=${tenant}` }))['held_deletions'],
    );
    if (read.values['json'] === true) {
      out(JSON.stringify(rows));
      return 0;
    }
    if (rows.length === 0) out('No deletions are held.');
    for (const row of rows) {
      const { connection, object, missing, compared, held_since: since } = row;
      out(
        `${said(connection)}/${said(object)}: ${said(missing)} of ${said(compared)} records did not appear, held since ${said(since)}`,
      );
      out(`  why           ${said(row['what'])}`);
      out(`  by itself     ${said(row['by_itself'])}`);
      out(`  really gone   ${said(row['accept'])}`);
      out(`  still there   ${said(row['dismiss'])}`);
    }
    return 0;
  },
};

export const deletionsAccept = decision('accept', 'the records are really gone: delete them here, too');
export const deletionsDismiss = decision('dismiss', 'the records are still there: forget the finding, delete nothing');

function decision(act: 'accept' | 'dismiss', summary: string): Command {
  const words = `deletions ${act} --tenant SLUG --connection SLUG --object NAME [--note TEXT] [--json]`;
  return {
    name: `deletions ${act}`,
    usage: words,
    summary,
    run: async ({ args, env, out }) => {
      const read = readArguments(args, words, {
        tenant: { type: 'string' },
        connection: { type: 'string' },
        object: { type: 'string' },
        note: { type: 'string' },
        json: { type: 'boolean' },
      });
      const { note } = read.values;
      const place = {
        tenant: required(read, 'tenant', words),
        connection: required(read, 'connection', words),
        object: required(read, 'object', words),
      };
      const body = { ...place, by: userName(), ...(typeof note === 'string' ? { note } : {}) };
      const done = await askServer(env, { method: 'POST', path: `/v1/held-deletions/${act}`, body });
      if (read.values['json'] === true) out(JSON.stringify(done));
      else if (act === 'accept') out(`Deleted: ${said(done['deleted'])}`);
      else out(`Nothing was deleted; the next comparison of ${place.object} judges anew.`);
      return 0;
    },
  };
}
