import { readFile } from 'node:fs/promises';
import type { OverlayVersion } from '../../app/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { userName } from '../user-name.ts';
import { withGantry } from '../with-gantry.ts';

const setUsage = 'overlay set --tenant SLUG <file.yaml> [--author NAME]';

export const overlaySet: Command = {
  name: 'overlay set',
  usage: setUsage,
  summary: 'store what one tenant does differently, checked against the project in force',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, setUsage, { tenant: { type: 'string' }, author: { type: 'string' } }, 1);
    const tenant = required(read, 'tenant', setUsage);
    const file = read.positionals[0];
    if (file === undefined) {
      throw new GantryError('bad_request', { message: 'The file is missing.', fix: `Usage: gantry ${setUsage}` });
    }
    const yaml = await readText(file);
    const author = String(read.values['author'] ?? userName());
    const kept = await withGantry(env, ({ overlays }) => overlays.set({ tenant, yaml, file, author }));
    out(`The overlay of ${tenant} ${kept.changed ? 'is' : 'stays'} version ${String(kept.version)}.`);
    for (const note of kept.notes) out(`note: ${note}`);
    return 0;
  },
};

const showUsage = 'overlay show --tenant SLUG [--json]';

export const overlayShow: Command = {
  name: 'overlay show',
  usage: showUsage,
  summary: 'what one tenant does differently, and where that is written',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, showUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = required(read, 'tenant', showUsage);
    const shown = await withGantry(env, ({ overlays }) => overlays.show(tenant));
    if (read.values['json'] === true) {
      out(JSON.stringify(shown));
    } else if (shown === null) {
      out(`${tenant} has no overlay.`);
    } else {
      const from =
        shown.file === null ? `version ${String(shown.version)}` : `${shown.file} of revision ${String(shown.version)}`;
      out(`# ${from}, ${shown.createdAt.toISOString()}, ${shown.author}\n${shown.yaml.trimEnd()}`);
    }
    return 0;
  },
};

const removeUsage = 'overlay remove --tenant SLUG [--author NAME]';

export const overlayRemove: Command = {
  name: 'overlay remove',
  usage: removeUsage,
  summary: "take a tenant's stored overlay away; its versions stay",
  run: async ({ args, env, out }) => {
    const read = readArguments(args, removeUsage, { tenant: { type: 'string' }, author: { type: 'string' } });
    const tenant = required(read, 'tenant', removeUsage);
    const author = String(read.values['author'] ?? userName());
    const removed: OverlayVersion = await withGantry(env, ({ overlays }) => overlays.remove({ tenant, author }));
    out(removed.changed ? `${tenant} has no overlay any more.` : `${tenant} had no stored overlay.`);
    return 0;
  },
};

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new GantryError('manifest_file_missing', {
      message: `There is no readable file ${file}.`,
      where: file,
      fix: 'Name a file as those in tenants/.',
      cause,
    });
  }
}
