import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { approverOf } from '../../examples/renewals/demo/approvers.ts';
import { askRest } from '../../examples/renewals/demo/ask-rest.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { writingProject } from '../intents/project.ts';
import { documentedOperation } from './project.ts';

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));
const cleanUp: (() => Promise<unknown>)[] = [];
let folder: string;
let dataDir: string;
let stage: Stage;
let agent: Agent;

const beyond = `import { defineOperation } from 'gantry/operations';
export default defineOperation({
  model: 'deal',
  records: false,
  writes: { deal: ['update'] },
  plan: () => [{ operation: 'create', object: 'crm.Task', records: [{ values: { Subject: 'Not declared' } }] }],
});
`;

/** The project on disk, as a team has it: YAML, and operations beside it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-operations-'));
  dataDir = await mkdtemp(join(tmpdir(), 'gantry-operations-data-'));
  for (const dir of [folder, dataDir]) cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  const files = await writingProject();
  files.set(
    'gantry.yaml',
    (files.get('gantry.yaml') ?? '').replace(
      '      tools: [describe, query_records, run_operation, prepare_write, commit_write, get_status, undo]\n',
      (line) => `${line}      operations: [deal.renew, deal.beyond]\n`,
    ),
  );
  files.set('operations/renew.ts', await documentedOperation());
  files.set('operations/beyond.ts', beyond);
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
});
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

const gantry = (...args: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(process.execPath, [bin, ...args], { env: { ...process.env, GANTRY_DATA_DIR: dataDir } });

const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
  (await agent.call(name, args)).content as JsonObject;

test('the command line compiles them: validate tells mistakes, apply keeps what runs, another process reads it', async () => {
  expect((await gantry('validate', folder)).stdout).toContain('is valid');
  const broken = join(folder, 'operations/broken.ts');
  await writeFile(broken, `import 'node:fs';\n`);
  const said = await gantry('validate', folder).catch((error: { stdout: string }) => error);
  expect(said.stdout).toMatch(/^operations\/broken\.ts:1:8: An operation imports files of/m);
  await rm(broken);
  expect((await gantry('apply', folder)).stdout).toMatch(/operation deal\.renew/);
  expect((await gantry('plan', folder)).stdout).toBe('No changes.\n');
}, 240_000);

test('an agent finds it, and what it returns is one plan, whose steps take themselves back', async () => {
  stage = await openStage({
    scale: 2_000,
    seed: 7,
    dataDir: join(dataDir, 'stage'),
    databaseUrl: null,
    port: 0,
    logLevel: 'silent',
  });
  cleanUp.push(() => stage.close());
  await stage.gantry.revisions.apply({ files: await readProject(folder), author: 'test', message: 'operations' });
  await stage.acme.connect('crm');
  await stage.acme.operator.loaded(['crm']);
  agent = await connectAgent(stage.url, await stage.acme.keyFor('doer'));
  cleanUp.push(() => agent.close());

  const described = JSON.stringify(await call('describe', { names: ['deal'] }));
  expect(described).toContain('deal.renew');
  expect(described).toContain('When the customer has agreed to renew');
  const refs = async (stageName: string): Promise<string[]> => {
    const filter = { field: 'stage', op: 'eq', value: stageName };
    const answer = await call('query_records', { object: 'deal', limit: 2, filter });
    return (answer['rows'] as Json[][]).map((row) => String(row.at(-1)));
  };
  const [open = ''] = await refs('discovery');
  const [won = ''] = await refs('won');
  const run = (operation: string, records: Json): Promise<JsonObject> => call('run_operation', { operation, records });

  const plan = await run('deal.renew', [{ id: open, input: { note: 'Two years.' } }]);
  expect(plan, JSON.stringify(plan)).toMatchObject({
    on_failure: 'take_back',
    steps: [expect.stringContaining('Agree to a renewal'), expect.stringContaining('Agree to a renewal')],
    changes: [
      { ref: open, fields: { stage: { from: 'discovery', to: 'negotiation' } } },
      { in: 'crm/Task', fields: { Description: { to: 'Two years.' } } },
    ],
  });
  expect(plan['warnings']).toEqual(
    expect.arrayContaining([expect.stringMatching(/^If a step fails, what was written/)]),
  );
  const id = String(plan['plan_id']);
  // Taking back would delete the task, and what deletes is for people, also where it only may come to that.
  expect(await call('commit_write', { plan_id: id })).toMatchObject({ status: 'awaiting_approval' });
  const hired = { name: 'jonas', role: 'approver' };
  const { key } = await askRest(stage.url, stage.operatorKey)<{ key: string }>('POST', '/v1/operators', hired);
  const jonas = approverOf('jonas', stage.acme.tenant, askRest(stage.url, key));
  const [asked] = await jonas.waiting(id);
  expect(await jonas.approve(asked?.id ?? 0)).toBe('approved');
  await expect
    .poll(async () => (await call('get_status', { plan_id: id }))['status'], { timeout: 120_000, interval: 100 })
    .toBe('done');

  expect(await run('deal.renew', [{ id: won }])).toMatchObject({
    code: 'operation_refused',
    message: expect.stringMatching(/is closed already\.$/),
  });
  expect(await run('deal.renew', [{ id: 'crm/Opportunity/nobody' }])).toMatchObject({ code: 'not_found' });
  expect(await run('deal.renew', [{ id: open, input: { note: 5 } }])).toMatchObject({ code: 'bad_request' });
  expect(await run('deal.beyond', [{}])).toMatchObject({ code: 'operation_result_invalid' });
  const inSteps = { operation: 'deal.renew', records: [{ id: open }] };
  expect(await run('in_steps', [inSteps, inSteps])).toMatchObject({ code: 'bad_request' });
}, 240_000);
