import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/all-commands.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { startLifeRig, type LifeRig } from '../connection/rig.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** The example as it is, with a Salesforce and a Zendesk that are asked for the rights of who signed in. */
describe('gantry checklist', { timeout: 240_000 }, () => {
  let rig: LifeRig;
  beforeAll(async () => {
    rig = await startLifeRig();
    await rig.signIn('crm');
    await rig.signIn('support');
    await rig.agent('search_catalog', { query: 'deal' });
  }, 300_000);
  afterAll(() => rig.stop());

  const run = async (words: readonly string[]): Promise<{ code: number; text: string }> => {
    const lines: string[] = [];
    const command = commands.find(({ name }) => name === 'checklist');
    if (command === undefined) throw new Error('there is no such command');
    const code = await command.run({
      args: [...words],
      env: rig.env,
      out: (line) => lines.push(line),
      untilAsked: () => Promise.resolve(),
    });
    return { code, text: lines.join('\n') };
  };
  const lines = async (): Promise<Map<string, JsonObject>> => {
    const { body } = await rig.ask('GET', '/v1/checklist?tenant=acme');
    const [first] = body['tenants'] as JsonObject[];
    return new Map(((first?.['lines'] ?? []) as JsonObject[]).map((line) => [String(line['id']), line]));
  };

  it('takes its evidence from what is really there, and ends with 1 where a line does not hold', async () => {
    await expect.poll(async () => (await lines()).get('audit')?.['pass'], { timeout: 120_000 }).toBe(true);
    const { code, text } = await run(['--tenant', 'acme']);
    expect(code).toBe(1);
    expect(text).toMatch(/^acme: \d of 7 hold\n/);
    expect(text).toContain('pass  Every agent and system has a human who answers for it, and a scope');
    expect(text).toContain('agent renewals-copilot: lena.brandt@acme.example answers for it');
    expect(text).toContain('FAIL  No connection is signed in as an administrator');
    expect(text).toMatch(/crm: \S+ is an administrator there \(Modify All Data\)\./);
    expect(text).toMatch(/support: \S+ is an administrator there \(role admin\)\./);
    expect(text).toContain('key test of agent renewals-copilot never ends.');
    expect(text).toMatch(/asked “what happened by renewals-copilot on \d{4}-\d\d-\d\d”: \d+ answers in \d+ ms/);
    expect(text).toContain('No tenant is named as sandbox.');
    expect(text).toContain('Nobody has signed the limits.');
    expect(text).toContain('is not on trial.');
    expect(JSON.parse((await run(['--json'])).text)).toMatchObject({ pass: false, tenants: [{ tenant: 'acme' }] });
    await expect(run(['--tenant', 'nobody'])).rejects.toMatchObject({ code: 'not_found' });
  });

  it('takes the business owner’s word for the rules that were signed, and for no others', async () => {
    const rules = /rules: '([0-9a-f]{12})'/.exec(String((await lines()).get('thresholds')?.['fix']))?.[1] ?? '';
    const files = new Map(await readProject(example));
    const put = async (policy: string, change: (text: string) => string): Promise<void> => {
      const approvals = Buffer.from(files.get('policies/approvals.yaml') ?? '').toString('utf8');
      const all = new Map(files).set('policies/approvals.yaml', change(approvals)).set('policies/launch.yaml', policy);
      await rig.gantry.revisions.apply({ files: all, author: 'test', message: 'signed' });
    };
    const signed = `checklist:\n  rotate_every: 30d\n  thresholds: { signed_by: Vera Kohl, on: 2026-11-20, rules: '${rules}' }\n`;
    await put(signed, (text) => text);
    await expect.poll(async () => (await lines()).get('thresholds')?.['pass'], { timeout: 120_000 }).toBe(true);
    expect((await lines()).get('thresholds')?.['evidence']).toEqual([`Vera Kohl signed ${rules} on 2026-11-20`]);
    await put(signed, (text) => text.replace('below: 500 }', 'below: 900 }'));
    await expect.poll(async () => (await lines()).get('thresholds')?.['pass'], { timeout: 120_000 }).toBe(false);
  });
});
