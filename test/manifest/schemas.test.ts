import { readFile, readdir } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { edited, files, kindOf, load } from './project.ts';

const ajv = new Ajv2020({ strict: false });

async function validator(kind: string) {
  return ajv.compile(JSON.parse(await readFile(`docs/schemas/${kind}.json`, 'utf8')) as object);
}

describe('the JSON Schemas for editors', () => {
  it('accept the example project', async () => {
    const root = 'examples/renewals';
    const names = ['gantry.yaml'];
    for (const folder of ['models', 'integrations']) {
      for (const name of await readdir(`${root}/${folder}`)) names.push(`${folder}/${name}`);
    }
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const validate = await validator(kindOf(name));
      expect(
        validate(parse(await readFile(`${root}/${name}`, 'utf8'))),
        `${name}: ${JSON.stringify(validate.errors)}`,
      ).toBe(true);
    }
  });

  it.each([
    ['gantry.yaml', 'rows_max: 50', 'row_max: 50'],
    ['gantry.yaml', 'gantry: 1', 'gantry: 2'],
    ['models/deal.yaml', 'name: string', 'name: strng'],
    ['models/account.yaml', 'crm_id: id', 'CRM: id'],
    ['integrations/crm.yaml', 'trust: record', 'trust: records'],
    ['integrations/crm.yaml', '{ from: Name, trim: true }', '{ from: Name, trimm: true }'],
    ['integrations/crm.yaml', 'backfill: 90d', 'backfill: 90 days'],
    ['policies/rules.yaml', 'keep: 30d', 'keep: 30'],
    ['policies/rules.yaml', 'type: number', 'type: numeric'],
    ['tenants/acme.yaml', 'tenant: acme', 'tenant: Acme'],
    ['tenants/acme.yaml', 'amount: null', 'amount: false'],
  ])('and the loader refuse the same: %s, %s as %s', async (file, find, wrong) => {
    const validate = await validator(kindOf(file));
    expect(validate(parse(files[file] ?? '')), JSON.stringify(validate.errors)).toBe(true);
    const project = edited({ [file]: [[find, wrong]] });
    expect(validate(parse(project.get(file) ?? ''))).toBe(false);
    expect(load(project).kind).toBe('problems');
  });
});
