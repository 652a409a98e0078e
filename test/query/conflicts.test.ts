import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, type Caller } from '../../src/access/index.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { createQueryService, type Answer, type QueryScope } from '../../src/query/index.ts';
import { from, integration, manifestOf, model, modelField } from '../mapping/hand-made.ts';
import { openLensWorld, type LensWorld } from '../mapping/lens-world.ts';
import { field, object } from '../mapping/support.ts';
import { agentWith, type GrantSpec } from './world.ts';

const account = model(
  'account',
  [
    modelField('crm_id', 'id'),
    modelField('site', 'string'),
    modelField('name', 'string'),
    modelField('phone', 'string', { sensitive: true }),
    modelField('segment', 'string'),
    modelField('terms', 'string'),
  ],
  [['site', 'domain']],
);
const deal = model('deal', [
  modelField('deal_id', 'id'),
  modelField('account', 'reference', { reference: { to: 'account', on: 'crm_id' } }),
]);
const fields = { site: 'Site', name: 'Name', phone: 'Phone' };
const manifest = manifestOf(
  [account, deal],
  [
    integration('crm', { Account: { model: 'account', fields: { crm_id: 'Id', ...fields, segment: 'Segment' } } }),
    integration(
      'billing',
      {
        Customer: { model: 'account', fields: { ...fields, terms: 'Terms' } },
        Order: {
          model: 'deal',
          fields: { deal_id: 'Id', account: from('Site', [{ kind: 'match', by: 'site', as: 'domain' }]) },
        },
      },
      { trust: 'engagement', systemOfRecord: ['account.phone'] },
    ),
  ],
);
const texts = ['Site', 'Name', 'Phone', 'Segment', 'Terms'].map((name) => field(name, 'string'));
const objects = {
  'crm.Account': object('Account', [field('Id', 'id'), ...texts]),
  'billing.Customer': object('Customer', [field('Id', 'id'), ...texts]),
  'billing.Order': object('Order', [field('Id', 'id'), ...texts]),
};

describe('a record that two systems feed', () => {
  let world: LensWorld;
  beforeAll(async () => {
    world = await openLensWorld(manifest, objects);
    await world.put('crm.Account', {
      a1: { Id: 'a1', Site: 'https://www.acme.example', Name: 'Acme GmbH', Phone: '1', Segment: 'enterprise' },
      a2: { Id: 'a2', Site: 'globex.example', Name: 'Globex', Segment: 'small' },
    });
    await world.put('billing.Customer', {
      c1: { Id: 'c1', Site: 'info@acme.example', Name: 'ACME', Phone: '2', Terms: '30d' },
      c2: { Id: 'c2', Site: 'initech.example', Name: 'Initech' },
    });
    await world.put('billing.Order', {
      o1: { Id: 'o1', Site: 'ACME.example' },
      o2: { Id: 'o2', Site: 'initech.example' },
    });
  });
  afterAll(() => world.close());

  const unasked = async (): Promise<never> => {
    throw new Error('nobody asked for the past');
  };
  const service = () =>
    createQueryService({
      lens: world.lens,
      clock: systemClock,
      past: { versions: unasked, gone: unasked },
      requestSync: unasked,
    });
  const scope = (): QueryScope => world.catalogue();
  const caller = (objectsOf: GrantSpec): Caller =>
    callerFor({
      agent: agentWith('copilot', objectsOf),
      catalogue: world.catalogue(),
      tenant: world.tenant,
      tenantSlug: 'acme',
    });
  const everything: GrantSpec = { account: { fields: [...account.fields.keys()] }, deal: {} };
  const get = (id: string, grant: GrantSpec, more: { readonly fields?: readonly string[] } = {}): Promise<Answer> =>
    service().getRecord(caller(grant), scope(), { object: 'account', id, ...more });

  it('is one row that says what each system gave and where they differ', async () => {
    const answer = await get('crm/Account/a1', everything);
    expect(Object.fromEntries(answer.columns.map((name, at) => [name, answer.rows[0]?.[at]]))).toEqual({
      crm_id: 'a1',
      site: 'https://www.acme.example',
      name: 'Acme GmbH',
      phone: '2',
      segment: 'enterprise',
      terms: '30d',
      _ref: 'crm/Account/a1',
    });
    const named = answer.merged_from?.map(({ ref, fields: given }) => [ref, [...given].toSorted()]);
    expect(named).toEqual([
      ['crm/Account/a1', ['crm_id', 'name', 'segment', 'site']],
      ['billing/Customer/c1', ['phone', 'terms']],
    ]);
    expect(answer.conflicts?.toSorted((a, b) => (a.field < b.field ? -1 : 1))).toEqual([
      { ref: 'crm/Account/a1', field: 'name', other_ref: 'billing/Customer/c1', other: 'ACME' },
      { ref: 'crm/Account/a1', field: 'phone', other_ref: 'crm/Account/a1', other: '1' },
      { ref: 'crm/Account/a1', field: 'site', other_ref: 'billing/Customer/c1', other: 'info@acme.example' },
    ]);
  });

  it('is found by each of its records, and one that stands alone has nothing to tell', async () => {
    for (const id of ['billing/Customer/c1', 'c1', 'a1']) {
      expect((await get(id, everything)).rows[0]?.at(-1)).toBe('crm/Account/a1');
    }
    const alone = await get('c2', everything);
    expect(alone.rows[0]?.at(-1)).toBe('billing/Customer/c2');
    expect(alone).not.toHaveProperty('conflicts');
    expect(alone).not.toHaveProperty('merged_from');
  });

  it('tells only of fields that were asked for, and never of those that the caller may not see', async () => {
    const asked = await get('a1', everything, { fields: ['phone'] });
    expect(asked.conflicts?.map((each) => each.field)).toEqual(['phone']);
    const blind = await get('a1', { account: { fields: ['name', 'terms'] } });
    expect(JSON.stringify([blind.conflicts, blind.merged_from])).not.toMatch(/phone|site/);
    expect(blind.conflicts?.map((each) => each.field)).toEqual(['name']);
    // What a record has is hidden: then it is not told that there is one.
    const segment = await get('a1', { account: { fields: ['segment'] } });
    expect([segment.rows.length, segment.merged_from]).toEqual([1, [{ ref: 'crm/Account/a1', fields: ['segment'] }]]);
  });

  it('is judged whole by the rule that limits the rows', async () => {
    const enterprise: GrantSpec = { account: { where: { segment: 'enterprise' } } };
    // The billing record alone has no segment; the row that it went into has.
    expect((await get('c1', enterprise)).rows).toHaveLength(1);
    await expect(get('c2', enterprise)).rejects.toMatchObject({ code: 'not_found' });
    await expect(get('a2', enterprise)).rejects.toMatchObject({ code: 'not_found' });
    const listed = await service().queryRecords(caller(enterprise), scope(), {
      object: 'account',
      fields: ['name', 'terms'],
    });
    expect(listed.rows).toEqual([['Acme GmbH', '30d', 'crm/Account/a1']]);
  });

  it('is what references and SQL lead to', async () => {
    const deals = await service().queryRecords(caller(everything), scope(), {
      object: 'deal',
      fields: ['deal_id', 'account.name', 'account.terms'],
      sort: [{ field: 'deal_id' }],
    });
    expect(deals.rows.map((row) => row.slice(0, 3))).toEqual([
      ['o1', 'Acme GmbH', '30d'],
      ['o2', null, null],
    ]);
    const sql = 'select name, terms, _ref from account order by name';
    const { rows } = await service().querySql(caller(everything), scope(), { sql });
    expect(rows).toEqual([
      ['Acme GmbH', '30d', 'crm/Account/a1'],
      ['Globex', null, 'crm/Account/a2'],
      ['Initech', null, 'billing/Customer/c2'],
    ]);
  });

  it('is described with its systems, what they decide and how they are recognised', async () => {
    const described = await service().describe(caller({ account: { fields: ['name', 'site'] } }), scope(), {
      names: ['account'],
    });
    expect(described.objects[0]?.merged_by).toEqual(['site']);
    expect(described.objects[0]?.sources.map(({ connection, trust, decides }) => [connection, trust, decides])).toEqual(
      [
        ['crm', 'record', undefined],
        ['billing', 'engagement', undefined],
      ],
    );
    const whole = await service().describe(caller(everything), scope(), { names: ['account'] });
    expect(whole.objects[0]?.sources[1]?.decides).toEqual(['phone']);
  });
});
