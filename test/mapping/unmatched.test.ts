import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRevisions } from '../../src/app/project/revisions.ts';
import { connectionSummaries } from '../../src/app/status.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { integration, manifestOf, model, modelField } from './hand-made.ts';
import { openLensWorld, type LensWorld } from './lens-world.ts';
import { field, object } from './support.ts';

const account = model(
  'account',
  [modelField('vat', 'string'), modelField('site', 'string'), modelField('name', 'string')],
  [
    ['vat', 'exact'],
    ['site', 'domain'],
  ],
);
const fields = { vat: 'Vat', site: 'Site', name: 'Name' };
const manifest = manifestOf(
  [account],
  [
    integration('crm', { Account: { model: 'account', fields } }),
    integration('billing', { Customer: { model: 'account', fields } }),
  ],
);
const native = ['Vat', 'Site', 'Name'].map((name) => field(name, 'string'));

/** `1` to `count`. */
const records = (count: number, of: (n: number) => JsonObject): { [id: string]: JsonObject } =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [String(at + 1), of(at + 1)]));

describe('a rule that recognises nothing', () => {
  let world: LensWorld;
  beforeAll(async () => {
    world = await openLensWorld(manifest, {
      'crm.Account': object('Account', native),
      'billing.Customer': object('Customer', native),
    });
  });
  afterAll(() => world.close());

  const told = async (): Promise<Record<string, unknown>> => {
    const revisions = createRevisions(world.db, { connectors: [], tools: [] });
    const catalogues = { of: async () => world.catalogue() };
    const all = await connectionSummaries({ db: world.db, revisions, catalogues, lens: world.lens }, world.tenant);
    return Object.fromEntries(all.map(({ connection, objects }) => [connection, objects[0]?.unmatched]));
  };

  it('says nothing where there is nothing to compare', async () => {
    await world.put(
      'crm.Account',
      records(150, (n) => ({ Vat: `DE${n}`, Site: `c${n}.example`, Name: 'x' })),
    );
    expect(await told()).toEqual({ crm: undefined, billing: undefined });
  });

  it('is told with its counts, while another that works is not', async () => {
    // One system writes the country before the number, the other does not.
    await world.put(
      'billing.Customer',
      records(120, (n) => ({ Vat: `${n}`, Site: `www.c${n}.example`, Name: 'y' })),
    );
    const mute = (count: number) => ({ 'account.vat': { records: count, matched: 0 } });
    expect(await told()).toEqual({ crm: mute(150), billing: mute(120) });
  });

  it('counts as working from one in a hundred of the smaller side on', async () => {
    await world.put('billing.Customer', { 1: { Vat: 'DE1', Site: 'www.c1.example', Name: 'y' } });
    expect(await told()).toMatchObject({
      crm: { 'account.vat': { matched: 1 } },
      billing: { 'account.vat': { matched: 1 } },
    });
    await world.put('billing.Customer', { 2: { Vat: 'DE2', Site: 'www.c2.example', Name: 'y' } });
    expect(await told()).toEqual({ crm: undefined, billing: undefined });
  });
});
