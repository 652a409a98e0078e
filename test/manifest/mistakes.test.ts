import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/manifest/index.ts';
import { integrationMistakes } from './mistakes/integration.ts';
import type { Mistake } from './mistakes/mistake.ts';
import { modelMistakes } from './mistakes/model.ts';
import { policyMistakes } from './mistakes/policy.ts';
import { projectMistakes } from './mistakes/project.ts';
import { scopeMistakes } from './mistakes/scope.ts';
import { tenantMistakes } from './mistakes/tenant.ts';
import { transformMistakes } from './mistakes/transform.ts';
import { yamlMistakes } from './mistakes/yaml.ts';
import { edited, load } from './project.ts';

const mistakes: readonly Mistake[] = [
  ...projectMistakes,
  ...modelMistakes,
  ...integrationMistakes,
  ...transformMistakes,
  ...scopeMistakes,
  ...policyMistakes,
  ...tenantMistakes,
  ...yamlMistakes,
];

/** The problem that a mistake earns, and the place that it must name. */
function made({ file, find, wrong, also, code, says }: Mistake): { problem: Problem; at: readonly [number, number] } {
  const changed = edited({ ...also, [file]: [[find, wrong], ...(also?.[file] ?? [])] });
  const marked = changed.get(file) ?? '';
  const mark = marked.indexOf('«');
  changed.set(file, marked.replace('«', ''));
  const result = load(changed);
  if (result.kind !== 'problems') throw new Error('the mistake was not noticed');
  const problem = result.problems.find((each) => each.code === code && each.file === file && says.test(each.message));
  if (problem === undefined) throw new Error(JSON.stringify(result.problems, null, 2));
  const before = marked.slice(0, Math.max(0, mark)).split('\n');
  return { problem, at: [before.length, (before.at(-1) ?? '').length + 1] };
}

describe('each mistake is named with its place', () => {
  it.each(mistakes)('$name', (mistake) => {
    const { problem, at } = made(mistake);
    expect(problem.path).toBe(mistake.path);
    expect([problem.line, problem.column]).toEqual(at);
    expect(problem.suggestions).toEqual(mistake.suggestions ?? []);
    expect(problem.fix).not.toBe('');
  });
});

/** The same mistake at another place has the same words but for the names in them. */
const kindOf = ({ problem }: ReturnType<typeof made>): string =>
  `${problem.code}: ${problem.message.replaceAll(/`[^`]*`|\d+/g, '…')}`;

it(`validate knows at least 60 distinct mistakes, ${String(mistakes.length)} of which are shown here`, () => {
  const kinds = new Set(mistakes.map((mistake) => kindOf(made(mistake))));
  expect(kinds.size).toBeGreaterThanOrEqual(60);
  // Each line of the list above is there for a reason of its own.
  expect(new Set(mistakes.map((mistake) => mistake.name)).size).toBe(mistakes.length);
});
