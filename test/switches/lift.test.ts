import { beforeAll, expect, it } from 'vitest';
import type { Operator } from '../../src/api/index.ts';
import { createSwitchUseCases } from '../../src/app/switches/switch-use-cases.ts';
import { auditAppender, INSTALLATION_CHAIN } from '../../src/audit/index.ts';
import { systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, askToLift, liftSwitch, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { toldIn } from '../support/told-in.ts';

const person = (name: string): Operator => ({ name, role: 'operator' });

describeEachStore('lifting a switch', (open) => {
  let db: Db;
  let tenant: TenantId;
  let switches: ReturnType<typeof createSwitchUseCases>;
  beforeAll(async () => {
    db = await open();
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const people = new Map([
      ['lena', { email: 'Lena@Acme.example', route: null }],
      ['otto', { email: null, route: null }],
    ]);
    switches = createSwitchUseCases({
      db,
      audit: auditAppender(systemRandom),
      settings: async () => ({ people }),
      names: async () => null,
    });
  });

  const thrown = async (slug: string | undefined): Promise<number> => {
    const row = await switches.throw(person('lena'), {
      ...(slug === undefined ? {} : { tenant: slug }),
      mode: 'stop_writes',
      reason: 'wrong amounts',
      by: null,
    });
    return Number(row['id']);
  };
  const lift = async (slug: string | undefined, id: number, name: string): Promise<unknown> => {
    const of = slug === undefined ? {} : { tenant: slug };
    return (await switches.lift(person(name), { ...of, id, reason: 'mended', by: null }))['state'];
  };

  it.each([
    ['acme', 'lena', ['lena', 'Lena', 'LENA ', 'lena@acme.example', 'Lena@acme.example']],
    ['acme', 'Lena@acme.example', ['LENA@ACME.EXAMPLE', 'lena', 'Lena']],
    ['acme', 'Jos\u00e9', ['jose\u0301', 'JOS\u00c9']],
    [undefined, 'lena', ['Lena', 'Lena@acme.example']],
    [undefined, 'Lena@acme.example', ['lena']],
  ])('of %s takes two people, and %s is one under all their names', async (slug, first, same) => {
    const id = await thrown(slug);
    expect(await lift(slug, id, first)).toBe('lift_asked');
    for (const name of same) {
      await expect(lift(slug, id, name), name).rejects.toMatchObject({ code: 'switch_needs_second_person' });
    }
    expect(await lift(slug, id, 'otto')).toBe('lifted');
  });

  it.each(['acme', undefined])('of %s is told of both, who asked and who granted it, and why', async (slug) => {
    const id = await thrown(slug);
    await lift(slug, id, 'lena');
    await expect(lift(slug, id, 'lena')).rejects.toMatchObject({ code: 'switch_needs_second_person' });
    await lift(slug, id, 'otto');
    const what = slug === undefined ? 'everything of everybody' : 'everything of the tenant';
    const told = await toldIn(db, slug === undefined ? INSTALLATION_CHAIN : tenant);
    expect(told.slice(0, 3).map(({ kind, sentence }) => [kind, sentence])).toEqual([
      ['switch_lifted', `otto let ${what} go on, as lena had asked. Reason given: “mended”.`],
      ['switch_lift_asked', `lena asked for ${what} to go on; somebody else has to grant it. Reason given: “mended”.`],
      ['switch_thrown', `lena stopped ${what} (stop_writes). Reason given: “wrong amounts”.`],
    ]);
  });

  it('is refused by the database, too, whatever the case of a name', async () => {
    for (const slug of ['acme', undefined]) {
      const id = await thrown(slug);
      const owner = slug === undefined ? null : tenant;
      const within = <Result>(work: Parameters<typeof db.tx<Result>>[0]): Promise<Result> =>
        owner === null ? db.tx(work, 'test.switch') : db.tenantTx(owner, work, 'test.switch');
      await within((tx) => askToLift(tx, owner, id, 'Lena'));
      const by = { by: 'lena@acme.example', own: ['lena@acme.example', 'lena'] };
      expect(await within((tx) => liftSwitch(tx, owner, id, by))).toBe(false);
      expect(await within((tx) => liftSwitch(tx, owner, id, { by: 'otto', own: ['otto'] }))).toBe(true);
    }
  });
});
