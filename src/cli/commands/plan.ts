import { readProject } from '../../manifest/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { planText } from '../plan-text.ts';
import { withGantry } from '../with-gantry.ts';

const usage = 'plan [folder] [--json]';

export const plan: Command = {
  name: 'plan',
  usage,
  summary: 'what applying a project would change',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, { json: { type: 'boolean' } }, 1);
    const files = await readProject(read.positionals[0] ?? '.');
    const change = await withGantry(env, (gantry) => gantry.revisions.plan(files));
    if (read.values['json'] === true) out(JSON.stringify(change));
    else out(planText(change));
    return 0;
  },
};
