import { GantryError, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required, type ReadArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { objectReportLines } from '../object-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const syncUsage = 'sync --tenant SLUG --connection SLUG [--object NAME ... [--accept-deletions]] [--json]';

export const sync: Command = {
  name: 'sync',
  usage: syncUsage,
  summary: 'look for changes now; --accept-deletions carries out deletions that are held',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, syncUsage, {
      tenant: { type: 'string' },
      connection: { type: 'string' },
      object: { type: 'string', multiple: true },
      'accept-deletions': { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const accept = read.values['accept-deletions'] === true;
    const objects = accept ? objectsIn(read, syncUsage) : (read.lists['object'] ?? []);
    const queued = await askServer(env, {
      method: 'POST',
      path: `/v1/connections/${encodeURIComponent(required(read, 'connection', syncUsage))}/sync`,
      body: {
        tenant: required(read, 'tenant', syncUsage),
        ...(objects.length === 0 ? {} : { objects: [...objects] }),
        ...(accept ? { accept_deletions: true } : {}),
      },
    });
    if (read.values['json'] === true) {
      out(JSON.stringify(queued));
      return 0;
    }
    if (accept) out(`Deleted: ${text(queued['deleted'])}`);
    out(`Queued: ${text(queued['queued'])}`);
    return 0;
  },
};

export const syncPause = objectCommand('pause', 'stop reading one object; what is here stays readable; note why');
export const syncResume = objectCommand('resume', 'go on reading an object from where its pause stopped it, at once');

const backfillUsage =
  'sync backfill --tenant SLUG --connection SLUG --object NAME ... [--days N|all] [--note TEXT] [--json]';

export const syncBackfill: Command = {
  name: 'sync backfill',
  usage: backfillUsage,
  summary: 'read an object again from the beginning: --days N, all, or as far back as the project says',
  run: async (context) => {
    const options = { ...objectOptions, days: { type: 'string' } } as const;
    const read = readArguments(context.args, backfillUsage, options);
    const days = daysIn(read.values['days']);
    return actOnObjects(context, read, { act: 'backfill', usage: backfillUsage, body: days === null ? {} : { days } });
  },
};

const objectOptions = {
  tenant: { type: 'string' },
  connection: { type: 'string' },
  object: { type: 'string', multiple: true },
  note: { type: 'string' },
  json: { type: 'boolean' },
} as const;

function objectCommand(act: 'pause' | 'resume', summary: string): Command {
  const usage = `sync ${act} --tenant SLUG --connection SLUG --object NAME ... [--note TEXT] [--json]`;
  return {
    name: `sync ${act}`,
    usage,
    summary,
    run: async (context) => {
      const read = readArguments(context.args, usage, objectOptions);
      return actOnObjects(context, read, { act, usage, body: {} });
    },
  };
}

/** One after the other: what was done before one is refused stays done, and was told. */
async function actOnObjects(
  { env, out }: Parameters<Command['run']>[0],
  read: ReadArguments,
  { act, usage, body }: { readonly act: string; readonly usage: string; readonly body: JsonObject },
): Promise<number> {
  const tenant = required(read, 'tenant', usage);
  const connection = encodeURIComponent(required(read, 'connection', usage));
  const { note } = read.values;
  for (const object of objectsIn(read, usage)) {
    const report = await askServer(env, {
      method: 'POST',
      path: `/v1/connections/${connection}/objects/${encodeURIComponent(object)}/${act}`,
      body: { ...body, tenant, by: userName(), ...(typeof note === 'string' ? { note } : {}) },
    });
    if (read.values['json'] === true) out(JSON.stringify(report));
    else for (const line of objectReportLines(report)) out(line);
  }
  return 0;
}

function objectsIn({ lists }: ReadArguments, usage: string): readonly string[] {
  const objects = lists['object'] ?? [];
  if (objects.length > 0) return objects;
  throw new GantryError('bad_request', { message: '--object is missing.', fix: `Usage: gantry ${usage}` });
}

function daysIn(value: string | boolean | undefined): number | 'all' | null {
  if (value === undefined) return null;
  if (value === 'all') return value;
  if (typeof value === 'string' && /^[1-9][0-9]{0,4}$/.test(value)) return Number(value);
  throw new GantryError('bad_request', {
    message: `"${String(value).slice(0, 80)}" is neither a number of days nor "all".`,
    where: '--days',
    fix: `Usage: gantry ${backfillUsage}`,
  });
}
