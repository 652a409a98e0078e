import { userInfo } from 'node:os';
import { readProject } from '../../manifest/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { planText } from '../plan-text.ts';
import { withGantry } from '../with-gantry.ts';

const usage = 'apply [folder] [--message TEXT] [--author NAME] [--json]';

export const apply: Command = {
  name: 'apply',
  usage,
  summary: 'keep a project as a new revision and put it in force',
  run: async ({ args, env, out }) => {
    const read = readArguments(
      args,
      usage,
      { message: { type: 'string' }, author: { type: 'string' }, json: { type: 'boolean' } },
      1,
    );
    const files = await readProject(read.positionals[0] ?? '.');
    const message = String(read.values['message'] ?? '');
    const author = String(read.values['author'] ?? userName());
    const result = await withGantry(env, (gantry) => gantry.revisions.apply({ files, author, message }));
    if (read.values['json'] === true) {
      out(JSON.stringify(result));
      return 0;
    }
    out(planText(result.plan));
    out(
      result.changed
        ? `Revision ${String(result.revision)} is in force.`
        : `Revision ${String(result.revision)} stays in force.`,
    );
    return 0;
  },
};

/** A uid without an entry in the user database has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
