import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerFor } from '../../src/access/index.ts';
import { tenantId } from '../../src/kernel/index.ts';
import { loadOverlay, manifestFor, type OverlayResult } from '../../src/manifest/index.ts';
import { compileCatalogue } from '../../src/mapping/index.ts';
import { edited, load, manifestOf } from '../manifest/project.ts';
import { field, object, stream } from '../mapping/support.ts';

/** In the project, `account.phone` is sensitive and comes from Account.Phone, whose label is "Telefon". */
const manifest = manifestOf(edited({}));
const streams = [
  stream(
    'crm',
    object('Account', [
      field('Id', 'id'),
      field('Name', 'string'),
      field('Phone', 'string', { label: 'Telefon' }),
      field('Fax', 'string'),
    ]),
  ),
  stream(
    'crm',
    object('Opportunity', [
      field('Id', 'id'),
      field('Name', 'string'),
      field('StageName', 'string'),
      field('AccountId', 'reference'),
      field('IsDeleted', 'boolean'),
    ]),
  ),
  stream('crm', object('Vertrag', [field('Id', 'id'), field('Titel', 'string'), field('Konto', 'reference')])),
];
const helper = manifest.agents.get('helper');
if (helper === undefined) throw new Error('the project has an agent');

const overlaid = (body: string): OverlayResult =>
  loadOverlay(`tenant: globex\n${body}`, { file: 'globex', tenant: 'globex' }, manifest);

/** The fields that an agent sees who was granted all of them; sensitive ones are not among these. */
function seen(body: string): { of: (name: string) => string[] } {
  const result = overlaid(body);
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems));
  const own = manifestFor(manifest, result.overlay);
  const everything = { fields: null, where: null };
  const agent = {
    ...helper,
    ...(own.agents.get('helper') ?? helper),
    grant: {
      ...(own.agents.get('helper') ?? helper)?.grant,
      objects: new Map([...own.models.keys(), 'crm.*'].map((name) => [name, everything])),
    },
  } as typeof helper & object;
  const caller = callerFor({
    agent,
    catalogue: compileCatalogue(own, streams),
    tenant: tenantId(1),
    tenantSlug: 'globex',
  });
  return { of: (name) => [...(caller.objects.get(name)?.fields.keys() ?? [])] };
}

const MORE = 'models: { account: { fields: { tel: string } }, deal: { fields: { tel: string } } }\n';
const crm = (objects: string): string => `${MORE}integrations: { crm: { objects: { ${objects} } } }\n`;

describe('an overlay that would show what the project keeps sensitive', () => {
  it.each([
    ['under another name', 'Account: { fields: { tel: Phone } }'],
    ['in a template', "Account: { fields: { tel: { template: 'T {Phone}' } } }"],
    ['joined with others', 'Account: { fields: { tel: { concat: { fields: [Name, Phone] } } } }'],
    ['in parts', "Account: { fields: { tel: { from: Phone, split: { on: '-', take: 1 } } } }"],
    ['with its own place taken by another field', 'Account: { fields: { phone: Fax, tel: Phone } }'],
    ['with its own place removed', 'Account: { fields: { phone: null, tel: Phone } }'],
    ['in a field that is shown already', 'Account: { fields: { name: Phone } }'],
    [
      'by a look-up from another object',
      'Opportunity: { fields: { tel: { from: AccountId, lookup: { object: Account, key: Id, take: Phone } } } }',
    ],
    [
      'by a look-up from an object of its own',
      'Vertrag: { model: deal, fields: { tel: { from: Konto, lookup: { object: Account, key: Id, take: Phone } } } }',
    ],
    [
      'by a look-up among other steps',
      'Vertrag: { model: deal, fields: { tel: { from: Konto, steps: [{ trim: true }, { lookup: { object: Account, key: Id, take: Phone } }, { lower: true }] } } }',
    ],
  ])('is refused, with the place: %s', (_, objects) => {
    const result = overlaid(crm(objects));
    expect(result).toMatchObject({
      problems: [
        {
          code: 'manifest_overlay_invalid',
          file: 'globex',
          line: 3,
          message: expect.stringContaining('account.phone') as string,
        },
      ],
    });
  });

  it.each([
    ['by its label', 'Account: { fields: { tel: { from: { label: Telefon } } } }', 'account', 'tel'],
    [
      'by its label, its own mapping removed',
      'Account: { fields: { phone: null, tel: { from: { label: Telefon } } } }',
      'account',
      'tel',
    ],
    [
      'by its label, in a field that is shown already',
      'Account: { fields: { name: { from: { label: Telefon } } } }',
      'account',
      'name',
    ],
  ])('has a field that is as sensitive as what it shows: %s', (_, objects, model, shown) => {
    const visible = seen(crm(objects));
    expect(visible.of(model)).not.toContain(shown);
    expect(visible.of('crm.Account')).toEqual(expect.arrayContaining(['Name', 'Fax']));
    expect(visible.of('crm.Account')).not.toContain('Phone');
  });

  it('shows other fields all the same, by name and by label', () => {
    expect(seen(crm('Account: { fields: { tel: Fax } }')).of('account')).toContain('tel');
    expect(seen(crm('Account: { fields: { tel: { from: { label: Name } } } }')).of('account')).toContain('tel');
  });

  it('shows it in no combination of what may be written', () => {
    const source = fc.constantFrom(
      'Phone',
      'Fax',
      'Name',
      '{ from: { label: Telefon } }',
      '{ from: { label: Fax } }',
      "{ template: '{Fax} {Name}' }",
      "{ template: '{Phone}' }",
      '{ concat: { fields: [Fax, Phone] } }',
      '{ from: { label: Telefon }, trim: true }',
      '{ constant: x }',
      '{ from: Id, lookup: { object: Account, key: Id, take: Phone } }',
      '{ from: Id, lookup: { object: Account, key: Id, take: Fax } }',
      'null',
    );
    const target = fc.constantFrom('tel', 'name', 'phone', 'crm_id');
    fc.assert(
      fc.property(fc.dictionary(target, source, { maxKeys: 4 }), (fields) => {
        const text = Object.entries(fields)
          .map(([name, from]) => `${name}: ${from}`)
          .join(', ');
        const body = crm(`Account: { fields: { ${text} } }`);
        if (overlaid(body).kind === 'problems') return;
        const visible = seen(body);
        const showing = Object.entries(fields).flatMap(([name, from]) => (/Phone|Telefon/.test(from) ? [name] : []));
        expect(visible.of('account').filter((name) => showing.includes(name))).toEqual([]);
        expect(visible.of('crm.Account')).not.toContain('Phone');
      }),
      { numRuns: 200 },
    );
  });
});

describe('an overlay that would widen rights', () => {
  const refused = (body: string): readonly { code: string; line: number; column: number }[] => {
    const result = overlaid(body);
    return result.kind === 'ok' ? [] : result.problems.map(({ code, line, column }) => ({ code, line, column }));
  };

  it.each([
    [
      'a field of the model declared anew',
      'models: { account: { fields: { phone: { type: string, sensitive: false } } } }',
      'manifest_overlay_invalid',
    ],
    [
      'a filter taken away',
      'integrations: { crm: { objects: { Opportunity: { where: null } } } }',
      'manifest_type_wrong',
    ],
    [
      'a model turned to another',
      'integrations: { crm: { objects: { Opportunity: { model: account } } } }',
      'manifest_overlay_invalid',
    ],
    ['a wider fence', "integrations: { crm: { scope: { read: ['*'] } } }", 'manifest_key_unknown'],
    ['another mode', 'integrations: { crm: { mode: autonomous } }', 'manifest_key_unknown'],
    ['another connector', 'integrations: { crm: { connector: zendesk } }', 'manifest_key_unknown'],
    ['more rows', 'limits: { helper: { rows_max: 51 } }', 'manifest_overlay_invalid'],
    [
      'an agent of its own',
      'agents: { mine: { owner: a@b.example, grant: { tools: [query_sql] } } }',
      'manifest_key_unknown',
    ],
    ['a saved query', 'saved_queries: { all: { why: x, query: { object: deal } } }', 'manifest_key_unknown'],
    ['a longer history', 'history: { keep: 9y }', 'manifest_key_unknown'],
    ["another tenant's name", 'integrations: { crm: { tenant: acme } }', 'manifest_key_unknown'],
    ["another tenant's connection", 'integrations: { acme.crm: {} }', 'manifest_name_invalid'],
    [
      "another tenant's objects",
      'integrations: { crm: { objects: { ../acme/Account: { model: account } } } }',
      'manifest_name_invalid',
    ],
    ['an integration of others', 'integrations: { billing: { also_sync: ["*"] } }', 'manifest_integration_unknown'],
    ['a prototype', 'limits: { __proto__: { rows_max: 1 } }', 'manifest_name_invalid'],
  ])('is refused, with the place: %s', (_, body, code) => {
    expect(refused(`${body}\n`)).toContainEqual({ code, line: 2, column: expect.any(Number) as number });
  });

  it('is refused where it is written for another tenant', () => {
    const result = loadOverlay('tenant: acme\n', { file: 'globex', tenant: 'globex' }, manifest);
    expect(result).toMatchObject({ problems: [{ code: 'manifest_value_invalid', path: 'tenant', line: 1 }] });
  });

  it('is refused where another file speaks for the same tenant already', () => {
    const project = new Map([...edited({}), ['tenants/more.yaml', 'tenant: acme\n']]);
    expect(load(project)).toMatchObject({ problems: [{ code: 'manifest_name_duplicate', file: 'tenants/more.yaml' }] });
  });

  it('leaves grants, policies and other tenants as they are, whatever it says', () => {
    const result = overlaid(
      crm('Account: { fields: { tel: Fax }, where: { Name: { ne: x } } }') +
        "limits: { '*': { rows_max: 1000, calls_per_minute: 5 } }\n",
    );
    if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems));
    const before = JSON.stringify(manifest, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    const own = manifestFor(manifest, result.overlay);
    expect(own.agents.get('helper')?.grant).toMatchObject({ rowsMax: 50, callsPerMinute: 5 });
    expect(own.agents.get('helper')?.grant.objects).toEqual(manifest.agents.get('helper')?.grant.objects);
    expect(own.policies).toBe(manifest.policies);
    expect(own.overlays.size).toBe(0);
    expect(JSON.stringify(manifest, (_, value: unknown) => (value instanceof Map ? [...value] : value))).toBe(before);
  });
});
