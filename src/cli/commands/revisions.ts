import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withGantry } from '../with-gantry.ts';

const usage = 'revisions [--json]';
const SHOWN = 50;

export const revisions: Command = {
  name: 'revisions',
  usage,
  summary: 'what was applied when and by whom, newest first',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, { json: { type: 'boolean' } });
    const list = await withGantry(env, (gantry) => gantry.revisions.list(SHOWN));
    if (read.values['json'] === true) {
      out(JSON.stringify(list));
      return 0;
    }
    if (list.length === 0) out('No project has been applied yet.');
    for (const { id, createdAt, author, message, current } of list) {
      const words = message === '' ? '' : `  ${message}`;
      out(`${current ? '*' : ' '} ${String(id).padStart(4)}  ${createdAt.toISOString()}  ${author}${words}`);
    }
    return 0;
  },
};
