import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, type Caller } from '../../src/access/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { createQueryService, type Answer, type QueryService } from '../../src/query/index.ts';
import { agentWith, type GrantSpec } from '../query/world.ts';
import { from, integration, manifestOf, model, modelField } from './hand-made.ts';
import { openLensWorld, type LensWorld } from './lens-world.ts';
import { field, object } from './support.ts';

const account = model(
  'account',
  [
    modelField('vat', 'string'),
    modelField('site', 'string'),
    modelField('name', 'string'),
    modelField('phone', 'string'),
    modelField('note', 'string'),
    modelField('terms', 'string'),
  ],
  [
    ['vat', 'exact'],
    ['site', 'domain'],
  ],
);
const fields = { vat: 'Vat', site: 'Site', name: 'Name', phone: 'Phone', note: from('Note', [], 'empty') };
const manifest = manifestOf(
  [account],
  [
    integration('crm', { Account: { model: 'account', fields } }, { systemOfRecord: ['account'] }),
    integration('billing', { Customer: { model: 'account', fields: { ...fields, terms: 'Terms' } } }),
    integration(
      'support',
      {
        Org: {
          model: 'account',
          fields: {
            vat: from('Code', [{ kind: 'lookup', object: 'Vat', key: 'Code', take: 'Number' }]),
            site: 'Site',
            name: 'Name',
          },
        },
        Vat: { model: null, fields: {} },
      },
      { trust: 'engagement' },
    ),
  ],
);
const native = ['Vat', 'Site', 'Name', 'Phone', 'Note', 'Terms', 'Code'].map((name) => field(name, 'string'));
const objects = {
  'crm.Account': object('Account', native),
  'billing.Customer': object('Customer', native),
  'support.Org': object('Org', native),
  'support.Vat': object('Vat', [field('Code', 'string'), field('Number', 'string')]),
};

/** a1, c1 and o1 are one thing; a2 and c2 stand alone. */
const first = {
  'crm.Account': {
    a1: { Vat: 'DE1', Site: 'alpha.example', Name: 'Alpha', Phone: null, Note: '' },
    a2: { Vat: null, Site: 'beta.example', Name: 'Beta' },
  },
  'billing.Customer': {
    c1: { Vat: 'DE1', Name: 'ALPHA', Phone: '1', Note: 'old', Terms: '30d' },
    c2: { Vat: 'DE7', Name: 'Gamma', Terms: '10d' },
  },
  'support.Org': { o1: { Site: 'www.alpha.example', Name: 'Alpha desk' } },
};

describe('a merged row in time', () => {
  let world: LensWorld;
  let service: QueryService;

  beforeAll(async () => {
    world = await openLensWorld(manifest, objects);
    const parts = createQueryDeps(world.db, () => undefined);
    service = createQueryService({ lens: world.lens, clock: systemClock, ...parts });
    for (const [table, records] of Object.entries(first)) await world.put(table, records);
  });
  afterAll(() => world.close());

  const caller = (grant: GrantSpec): Caller =>
    callerFor({
      agent: agentWith('copilot', grant),
      catalogue: world.catalogue(),
      tenant: world.tenant,
      tenantSlug: 'acme',
    });
  /** A moment after everything so far and before everything to come. */
  const moment = async (): Promise<string> => {
    const begun = systemClock.now().getTime();
    while (systemClock.now().getTime() <= begun) await systemClock.sleep(1);
    const found = systemClock.now();
    while (systemClock.now().getTime() <= found.getTime()) await systemClock.sleep(1);
    return found.toISOString();
  };
  const changed = (since: string, grant: GrantSpec = { account: {} }): Promise<Answer> =>
    service.queryRecords(caller(grant), world.catalogue(), {
      object: 'account',
      fields: ['name'],
      changed_since: since,
    });
  const names = ({ rows }: Answer) => rows.map(([name]) => String(name)).toSorted((a, b) => (a < b ? -1 : 1));
  const history = async (id: string, grant: GrantSpec = { account: {} }) => {
    const request = { object: 'account', id, history: 20 };
    const answer = await service.getRecord(caller(grant), world.catalogue(), request);
    return { changes: (answer.history ?? []).map((entry) => entry.changed), warnings: answer.warnings };
  };

  it('is changed when any of its records is, in lists, counts, SQL and for who sees some rows only', async () => {
    const since = await moment();
    expect(names(await changed(since))).toEqual([]);
    await world.put('billing.Customer', { c1: { ...first['billing.Customer'].c1, Terms: '60d' } });
    const few: GrantSpec = { account: { where: { name: { ne: 'Beta' } } } };
    for (const grant of [{ account: {} }, few]) {
      expect(names(await changed(since, grant))).toEqual(['Alpha']);
      const counted = await service.queryRecords(caller(grant), world.catalogue(), {
        object: 'account',
        measures: [{ count: '*' }],
        changed_since: since,
      });
      expect(counted.rows).toEqual([[1]]);
      const sql = `select name from account where _at >= '${since.replace('Z', '')}'`;
      expect((await service.querySql(caller(grant), world.catalogue(), { sql })).rows).toEqual([['Alpha']]);
    }
    const later = await moment();
    await world.put('support.Org', { o1: { ...first['support.Org'].o1, Name: 'Desk of Alpha' } });
    expect(names(await changed(later))).toEqual(['Alpha']);
  });

  it('has a history in which every record counts, by what the row showed', async () => {
    await world.put('billing.Customer', {
      c1: { ...first['billing.Customer'].c1, Name: 'never shown', Phone: '2', Terms: '60d' },
    });
    await world.put('crm.Account', { a1: { ...first['crm.Account'].a1, Phone: '9', Note: 'new' } });
    const { changes, warnings } = await history('a1');
    expect(changes).toEqual([
      { phone: { from: '2', to: '9' }, note: { from: 'old', to: 'new' } },
      { phone: { from: '1', to: '2' } },
      { terms: { from: '30d', to: '60d' } },
    ]);
    expect(warnings.join(' ')).toContain('make up the row now');
    // Of the support desk the number is looked up, so that nobody knows what it was.
    expect(warnings.join(' ')).toContain('leaves out vat');
    // By whichever of its records the row is named, and of visible fields only.
    expect((await history('c1', { account: { fields: ['name', 'terms'] } })).changes).toEqual([
      { terms: { from: '30d', to: '60d' } },
    ]);
  });

  it('does not die with one of its records; one that stood alone does', async () => {
    const since = await moment();
    await world.put('billing.Customer', { c1: null, c2: null });
    const answer = await changed(since);
    expect(answer.deleted).toEqual(['billing/Customer/c2']);
    expect(answer.warnings).toEqual([expect.stringContaining('those rows live on')]);
    expect(
      (await service.queryRecords(caller({ account: {} }), world.catalogue(), { object: 'account' })).rows,
    ).toHaveLength(2);
  });

  it('is gone with the last of them', async () => {
    const since = await moment();
    await world.put('crm.Account', { a2: null });
    expect((await changed(since)).deleted).toEqual(['crm/Account/a2']);
    await world.put('support.Org', { o1: null });
    // A record whose number another one told: it is not known what it was recognised by.
    expect((await changed(since)).deleted).toEqual(['crm/Account/a2']);
    await world.put('crm.Account', { a1: null });
    expect((await changed(since)).deleted).toContain('crm/Account/a1');
  });
});
