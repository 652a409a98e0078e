import { beforeAll, expect, it } from 'vitest';
import { revisionId } from '../../src/kernel/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { connectedTenant, openProject, projectWith, type TestProject } from './project-fixture.ts';

const crm = 'integrations/crm.yaml';
const deal = 'models/deal.yaml';
const by = { author: 'ida', message: '' };

const withoutAmount = projectWith({
  [deal]: [['  amount: { type: decimal, currency: EUR }\n', '']],
  [crm]: [["      amount: { from: Amount, number: { decimal: ',' } }\n", '']],
});

describeEachStore('revisions', (open) => {
  let project: TestProject;
  beforeAll(async () => {
    project = openProject(await open());
    await connectedTenant(project.db, 'acme');
  });

  it('are refused where they break something that nobody allowed', async () => {
    const { revisions } = project;
    await revisions.apply({ files: projectWith(), author: 'ida', message: 'first' });
    await expect(revisions.apply({ ...by, files: withoutAmount })).rejects.toMatchObject({
      code: 'manifest_change_breaks',
      details: {
        where: 'models/deal.yaml:5',
        fix: expect.stringContaining('--allow-breaking "field deal.amount"') as string,
        data: { breaks: [{ name: 'field deal.amount' }] },
      },
    });
    expect((await revisions.list(10)).length).toBe(1);
    expect((await revisions.current())?.manifest.models.get('deal')?.fields.has('amount')).toBe(true);
  });

  it('take effect where each break is allowed by its name, and no other name is', async () => {
    const { revisions } = project;
    await expect(
      revisions.apply({ ...by, files: withoutAmount, allowBreaking: ['field deal.amuont'] }),
    ).rejects.toMatchObject({ code: 'bad_request', details: { suggestions: ['field deal.amount'] } });
    const applied = await revisions.apply({ ...by, files: withoutAmount, allowBreaking: ['field deal.amount'] });
    expect(applied).toMatchObject({ revision: 2, changed: true, plan: { tenants: [{ tenant: 'acme' }] } });
    expect((await revisions.current())?.manifest.models.get('deal')?.fields.has('amount')).toBe(false);
    // The same again is no change, whatever is allowed.
    expect(await revisions.apply({ ...by, files: withoutAmount, allowBreaking: ['field deal.amount'] })) //
      .toMatchObject({ revision: 2, changed: false });
  });

  it('go back by a new revision with the old content, under the same rules', async () => {
    const { revisions } = project;
    const back = await revisions.rollback({ to: revisionId(1), author: 'ida', message: 'back' });
    expect(back).toMatchObject({ revision: 3, changed: true });
    expect((await revisions.current())?.manifest.models.get('deal')?.fields.has('amount')).toBe(true);
    await expect(revisions.rollback({ ...by, to: revisionId(2) })).rejects.toMatchObject({
      code: 'manifest_change_breaks',
    });
    await expect(revisions.rollback({ ...by, to: revisionId(99) })).rejects.toMatchObject({ code: 'not_found' });
    expect(await revisions.list(10)).toMatchObject([
      { id: 3, author: 'ida', message: 'back', current: true },
      { id: 2, current: false },
      { id: 1, message: 'first', current: false },
    ]);
  });

  it('may take away what had notice until a day of the database that has come', async () => {
    const { revisions, db } = project;
    const [days] = await db.query<{ today: string; tomorrow: string }>(
      `select to_char(now() at time zone 'utc', 'YYYY-MM-DD') as today,
        to_char(now() at time zone 'utc' + interval '2 days', 'YYYY-MM-DD') as tomorrow`,
    );
    if (days === undefined) throw new Error('the database has a date');
    const noticeUntil = (day: string) =>
      projectWith({ [deal]: [['currency: EUR }', `currency: EUR, deprecated: { sunset: ${day} } }`]] });
    await revisions.apply({ ...by, files: noticeUntil(days.tomorrow) });
    await expect(revisions.apply({ ...by, files: withoutAmount })).rejects.toMatchObject({
      code: 'manifest_change_breaks',
    });
    await revisions.apply({ ...by, files: noticeUntil(days.today) });
    expect(await revisions.apply({ ...by, files: withoutAmount })).toMatchObject({ changed: true });
  });

  it('are applied one after the other, each compared with the one before', async () => {
    const { revisions } = project;
    const files = (every: string) => projectWith({ [crm]: [['every: 5m', `every: ${every}`]] });
    const results = await Promise.all(
      ['1m', '2m', '3m'].map((every) => revisions.apply({ ...by, files: files(every) })),
    );
    const ids = results.map(({ revision }) => revision).toSorted((a, b) => a - b);
    expect(new Set(ids).size).toBe(3);
    expect((await revisions.list(1))[0]).toMatchObject({ id: ids[2], current: true });
  });
});

describeEachStore('a revision that this program cannot read any more', (open) => {
  it('does not stand in the way of the next one', async () => {
    const { revisions, db } = openProject(await open());
    await revisions.apply({ ...by, files: projectWith() });
    await db.query(`update revision set content = '{"gantry.yaml": "gantry: 9"}', content_hash = 'old'`);
    revisions.forget();
    await expect(revisions.current()).rejects.toMatchObject({ code: 'manifest_invalid' });
    expect(await revisions.apply({ ...by, files: projectWith() })).toMatchObject({ revision: 2, changed: true });
    expect((await revisions.current())?.revision).toBe(2);
  });
});
