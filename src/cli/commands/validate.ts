import { knownNames } from '../../app/index.ts';
import { systemClock, systemRandom } from '../../kernel/index.ts';
import { loadProject, readProject, renderProblem } from '../../manifest/index.ts';
import { compileOperations, createCodeRunner } from '../../operations/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';

const usage = 'validate [folder] [--json]';

export const validate: Command = {
  name: 'validate',
  usage,
  summary: 'check a project; every mistake with file, line, column and what to do',
  run: async ({ args, out }) => {
    const read = readArguments(args, usage, { json: { type: 'boolean' } }, 1);
    const folder = read.positionals[0] ?? '.';
    const known = knownNames({ clock: systemClock, random: systemRandom });
    const code = createCodeRunner();
    const compiled = await compileOperations(await readProject(folder), code);
    await code.stop();
    const result = loadProject(compiled.files, known, compiled.problems);
    const problems = result.kind === 'ok' ? [] : result.problems;
    if (read.values['json'] === true) {
      out(JSON.stringify({ ok: problems.length === 0, problems }));
    } else if (result.kind === 'ok') {
      const { models, integrations, agents } = result.manifest;
      out(
        `${folder} is valid: ${count(models.size, 'model')}, ${count(integrations.size, 'integration')}, ${count(agents.size, 'agent')}`,
      );
    } else {
      for (const problem of problems) out(renderProblem(problem));
      out(count(problems.length, 'problem'));
    }
    return problems.length === 0 ? 0 : 1;
  },
};

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
