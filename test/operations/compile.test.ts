import { afterAll, describe, expect, it } from 'vitest';
import { createRunCode } from '../../src/app/write/run-code.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { loadProject, type LoadResult, type OperationCode } from '../../src/manifest/index.ts';
import { compileOperations, createCodeRunner } from '../../src/operations/index.ts';
import * as entry from '../../src/operations/define-operation.ts';
import { files, known } from '../manifest/project.ts';

const runner = createCodeRunner(2_000);
afterAll(() => runner.stop());

async function load(code: Readonly<Record<string, string>>): Promise<LoadResult> {
  const compiled = await compileOperations(new Map(Object.entries({ ...files, ...code })), runner);
  return loadProject(compiled.files, known, compiled.problems);
}

async function codeOf(text: string): Promise<OperationCode> {
  const result = await load({ 'operations/move.ts': text });
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems, null, 2));
  const code = result.manifest.models.get('deal')?.operations?.get('move')?.code;
  if (code === undefined) throw new Error('no such operation');
  return code;
}

const head = `import { defineOperation, refuse } from 'gantry/operations';\n`;
const operation = (plan: string, more = ''): string =>
  `${head}export default defineOperation({
  model: 'deal',
  writes: { deal: ['update'] },${more}
  plan: (${plan}),
});
`;

describe('operations in TypeScript', () => {
  it('are operations of their model; another text is another project, and space is none', async () => {
    const own = `() => []`;
    const one = await load({
      'operations/move.ts': operation(own, `\n  reads: ['name'],\n  input: { to: { type: 'string' } },`),
    });
    const spaced = await load({
      'operations/move.ts': `\n// A word.\n${operation(own, `\n  reads: ['name'],\n  input: { to: { type: 'string' } },`)}`,
    });
    const other = await load({
      'operations/move.ts': operation(`() => [1]`, `\n  reads: ['name'],\n  input: { to: { type: 'string' } },`),
    });
    if (one.kind !== 'ok' || spaced.kind !== 'ok' || other.kind !== 'ok') throw new Error(JSON.stringify([one, other]));
    expect(one.manifest.models.get('deal')?.operations?.get('move')).toMatchObject({
      name: 'move',
      safety: 'gated_write',
      on: 'update',
      code: { file: 'operations/move.ts', reads: ['name'], takesRecords: true, onFailure: 'stop' },
    });
    expect(other.hash).not.toBe(one.hash);
    const hashIn = (result: typeof one) => result.manifest.models.get('deal')?.operations?.get('move')?.code?.hash;
    expect(hashIn(other)).not.toBe(hashIn(one));
    // What was applied once is what runs: it is not compiled again.
    const stored = new Map(one.files);
    // An older compiler's text, so that one of today would show.
    const older = new Map(stored).set('compiled/operations/move.json', '{"js":"of then"}');
    const { files: again } = await compileOperations(older, runner);
    expect([...again]).toEqual([...older]);
    expect(loadProject(stored, known)).toMatchObject({ kind: 'ok', hash: one.hash });
  });

  it('import files of their own folder', async () => {
    const result = await load({
      'operations/move.ts': `import { verb } from './lib/verb.ts';\n${operation('() => [verb]')}`,
      'operations/lib/verb.ts': `export const verb: string = 'update';`,
    });
    expect(result.kind).toBe('ok');
  });

  it.each([
    ['no TypeScript', `${head}export default {{;\n`, 'manifest_code_syntax', 2, 17, /no TypeScript/],
    [
      'an import of a package',
      `import { readFileSync } from 'node:fs';\n${operation('() => readFileSync')}`,
      'manifest_code_import',
      1,
      30,
      /imports files of/,
    ],
    [
      'an import from outside of the folder',
      `import x from '../models/deal.yaml';\n${operation('() => x')}`,
      'manifest_code_import',
      1,
      15,
      /imports files of/,
    ],
    ['no operation', `export const x = 1;\n`, 'manifest_code_failed', 1, 1, /exports no operation/],
    [
      'an error when it is loaded',
      `${head}const x: string[] = [];\n  x[0]!.trim();\n${operation('() => []').slice(head.length)}`,
      'manifest_code_failed',
      3,
      9,
      /cannot be loaded: .*undefined/,
    ],
    ['no end', `${head}for (;;);\n`, 'manifest_code_failed', 1, 1, /does not end/],
    [
      'a key that is none',
      operation('() => []', `\n  safty: 'safe_write',`),
      'manifest_key_unknown',
      5,
      3,
      /`safty` is not a key/,
    ],
    [
      'a value that is none',
      operation('() => []', `\n  input: { 'to': { type: 'string', why: 'a {' }, n: { type: 'strin' } },`),
      'manifest_value_invalid',
      5,
      55,
      /strin/,
    ],
    [
      'a field that the model does not have',
      operation('() => []', `\n  reads: ['name', 'stagee'],`),
      'manifest_field_unknown',
      5,
      19,
      /stagee/,
    ],
    [
      'a model that is none',
      operation('() => []').replace(`'deal',`, `'deel',`),
      'manifest_model_unknown',
      3,
      3,
      /deel/,
    ],
    [
      'an object that is none',
      operation('() => []').replace(`{ deal:`, `{ dael:`),
      'manifest_model_unknown',
      4,
      13,
      /dael/,
    ],
  ] as const)('%s is told with its place', async (...[, text, code, line, column, says]) => {
    const result = await load({ 'operations/move.ts': text });
    if (result.kind === 'ok') throw new Error('the mistake was not noticed');
    const [problem] = result.problems;
    expect(result.problems, JSON.stringify(result.problems)).toHaveLength(1);
    expect(problem).toMatchObject({ code, file: 'operations/move.ts', line, column });
    expect(problem?.message).toMatch(says);
  });

  it('that were not compiled are no project, and nobody writes compiled texts', async () => {
    const project = new Map(Object.entries({ ...files, 'operations/move.ts': operation('() => []') }));
    expect(loadProject(project, known)).toMatchObject({
      kind: 'problems',
      problems: [{ code: 'manifest_code_failed' }],
    });
  });
});

describe('a run', () => {
  const run = createRunCode(runner);
  const given: JsonObject = { input: { n: 2 }, records: [{ id: 'a', values: { name: 'Acme' } }], today: '2026-11-21' };
  const result = async (plan: string): Promise<unknown> =>
    run(await codeOf(operation(plan)), { operation: 'deal.move', given }).catch((error: unknown) => error);

  it('is given input, records and the day, and returns plain data', async () => {
    expect(await result('(given) => [given, new Date(given.today).getUTCFullYear()] as never')).toEqual([given, 2026]);
  });

  it('has the language, and nothing else', async () => {
    const names = ['process', 'require', 'fetch', 'setTimeout', 'Buffer', 'ArrayBuffer', 'WebAssembly', 'console'];
    expect(await result(`() => ${JSON.stringify(names)}.map((name) => typeof globalThis[name]) as never`)).toEqual(
      names.map(() => 'undefined'),
    );
    for (const [plan, says] of [
      ['() => [Math.random()] as never', /not the same each time/],
      ['() => [Date.now()] as never', /not the same each time/],
      ['() => [new Date()] as never', /not the same each time/],
      [`() => Function('return process')() as never`, /Code generation from strings/],
      [`() => (globalThis as any).constructor.constructor('return process')() as never`, /./],
    ] as const) {
      expect(await result(plan), plan).toMatchObject({
        code: 'operation_failed',
        message: expect.stringMatching(says),
      });
    }
  });

  it('remembers nothing of the run before', async () => {
    const code = await codeOf(`${head}let runs = 0;\n${operation('() => [(runs += 1)] as never').slice(head.length)}`);
    expect(await run(code, { operation: 'deal.move', given })).toEqual([1]);
    expect(await run(code, { operation: 'deal.move', given })).toEqual([1]);
  });

  it.each([
    [`() => { throw new Error('no') }`, 'operation_failed', /deal.move failed: no/, 'operations/move.ts:5:24'],
    [`() => refuse('closed already')`, 'operation_refused', /^closed already$/, 'deal.move'],
    [`async () => []`, 'operation_result_invalid', /a promise/, 'operations/move.ts'],
    [`() => undefined as never`, 'operation_result_invalid', /nothing/, 'operations/move.ts'],
    [`() => { for (;;); }`, 'operation_timeout', /ended after/, 'operations/move.ts'],
    [`() => { const self: any = {}; self.self = self; return self; }`, 'operation_failed', /circular/, /move\.ts/],
  ] as const)('%s is %s', async (plan, code, message, where) => {
    const error = (await result(plan)) as { code: string; message: string; details: { where: string } };
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    if (typeof where === 'string') expect(error.details.where).toBe(where);
    else expect(error.details.where).toMatch(where);
    // The next one has a new thread.
    expect(await result('() => [1] as never')).toEqual([1]);
  });

  it('is ended by what it holds, however long it may take', async () => {
    const patient = createCodeRunner(120_000);
    // 200 MB of numbers: an end there is.
    const code = await codeOf(
      operation('() => [Array.from({ length: 1_000 }, () => new Array(25_000).fill(1.5)).length] as never'),
    );
    const held = createRunCode(patient)(code, { operation: 'deal.move', given }).catch((error: unknown) => error);
    expect(await held).toMatchObject({
      code: 'operation_timeout',
      message: expect.stringMatching(/was ended: .*memory/),
    });
    await patient.stop();
  });

  it('waits for the one before it, and for no longer than that may take', async () => {
    const endless = result('() => { for (;;); }');
    const next = result('() => [2] as never');
    expect(await endless).toMatchObject({ code: 'operation_timeout' });
    expect(await next).toEqual([2]);
  });
});

it('what is bundled in is what editors see', async () => {
  expect(Object.keys(entry).toSorted()).toEqual(['Refusal', 'defineOperation', 'refuse']);
  const code = await codeOf(
    `import * as all from 'gantry/operations';\n${operation('() => Object.keys(all).toSorted?.() as never')}`,
  );
  const keys = await createRunCode(runner)(code, {
    operation: 'deal.move',
    given: { input: {}, records: [], today: '' },
  });
  expect(keys).toEqual(['Refusal', 'defineOperation', 'refuse']);
});
