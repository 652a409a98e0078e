import type { ApplyResult } from '../../app/index.ts';
import { GantryError, revisionId } from '../../kernel/index.ts';
import { readProject } from '../../manifest/index.ts';
import { readArguments, type ReadArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { planText } from '../plan-text.ts';
import { userName } from '../user-name.ts';
import { withGantry } from '../with-gantry.ts';

const options = {
  message: { type: 'string' },
  author: { type: 'string' },
  json: { type: 'boolean' },
  'allow-breaking': { type: 'string', multiple: true },
} as const;
const optionsUsage = '[--message TEXT] [--author NAME] [--allow-breaking NAME]... [--json]';

const applyUsage = `apply [folder] ${optionsUsage}`;

export const apply: Command = {
  name: 'apply',
  usage: applyUsage,
  summary: 'keep a project as a new revision and put it in force',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, applyUsage, options, 1);
    const files = await readProject(read.positionals[0] ?? '.');
    const message = String(read.values['message'] ?? '');
    const result = await withGantry(env, ({ revisions }) => revisions.apply({ ...requestOf(read), files, message }));
    tell(result, read, out);
    return 0;
  },
};

const rollbackUsage = `rollback <revision> ${optionsUsage}`;

export const rollback: Command = {
  name: 'rollback',
  usage: rollbackUsage,
  summary: 'put an older revision in force again, as a new one',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, rollbackUsage, options, 1);
    const to = revisionIn(read.positionals[0]);
    const message = String(read.values['message'] ?? `Roll back to revision ${String(to)}`);
    const result = await withGantry(env, ({ revisions }) => revisions.rollback({ ...requestOf(read), to, message }));
    tell(result, read, out);
    return 0;
  },
};

function requestOf({ values, lists }: ReadArguments): {
  readonly author: string;
  readonly allowBreaking: readonly string[];
} {
  return { author: String(values['author'] ?? userName()), allowBreaking: lists['allow-breaking'] ?? [] };
}

function tell(result: ApplyResult, { values }: ReadArguments, out: (text: string) => void): void {
  if (values['json'] === true) {
    out(JSON.stringify(result));
    return;
  }
  out(planText(result.plan));
  const state = result.changed ? 'is' : 'stays';
  out(`Revision ${String(result.revision)} ${state} in force.`);
}

function revisionIn(text: string | undefined) {
  if (text !== undefined && /^[1-9][0-9]{0,8}$/.test(text)) return revisionId(Number(text));
  throw new GantryError('bad_request', {
    message: text === undefined ? 'The revision is missing.' : `"${text.slice(0, 80)}" is no number of a revision.`,
    where: 'revision',
    fix: `\`gantry revisions\` lists them. Usage: gantry ${rollbackUsage}`,
  });
}
