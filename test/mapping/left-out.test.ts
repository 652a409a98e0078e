import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, type Caller } from '../../src/access/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import { createRevisions } from '../../src/app/project/revisions.ts';
import { connectionSummaries } from '../../src/app/status.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { createQueryService, type QueryService } from '../../src/query/index.ts';
import { agentWith, type GrantSpec } from '../query/world.ts';
import { from, integration, manifestOf, model, modelField } from './hand-made.ts';
import { openLensWorld, type LensWorld } from './lens-world.ts';
import { field, object } from './support.ts';

const account = model('account', [modelField('name', 'string'), modelField('size', 'integer')]);
const project = (onMissing: 'error' | 'skip' | 'null') =>
  manifestOf(
    [account],
    [
      integration('crm', {
        Account: {
          model: 'account',
          fields: {
            name: from('Name', [], 'skip'),
            size: from('Staff', [{ kind: 'midpoint', decimal: '.' }], onMissing),
          },
        },
      }),
    ],
  );

describe('records that lack what a mapping calls an error', () => {
  let world: LensWorld;
  let service: QueryService;
  const callerWith = (objects: GrantSpec): Caller =>
    callerFor({
      agent: agentWith('copilot', objects),
      catalogue: world.catalogue(),
      tenant: world.tenant,
      tenantSlug: 'acme',
    });
  const asked = async (caller: Caller) => {
    const query = { object: 'account', fields: ['name'], sort: [{ field: 'name', dir: 'asc' as const }] };
    const scope = world.catalogue();
    const answer = await service.queryRecords(caller, scope, query);
    const sql = await service.querySql(caller, scope, { sql: 'select count(*) as n from account' });
    expect(sql.warnings).toEqual(answer.warnings);
    return { names: answer.rows.map(([name]) => name), warnings: answer.warnings };
  };

  beforeAll(async () => {
    const native = object('Account', [field('Name', 'string'), field('Staff', 'string')]);
    world = await openLensWorld(project('error'), { 'crm.Account': native });
    service = createQueryService({
      lens: world.lens,
      clock: systemClock,
      ...createQueryDeps(world.db, () => undefined),
    });
    await world.put('crm.Account', {
      a: { Name: 'Acme', Staff: '50-100' },
      b: { Name: 'Bolt', Staff: 'many' },
      c: { Name: 'Corp', Staff: null },
      d: { Name: null, Staff: null },
    });
  });

  afterAll(() => world.close());

  it('are left out and counted in the warnings of answers; one left out on purpose does not count', async () => {
    expect(await asked(callerWith({ account: {} }))).toEqual({
      names: ['Acme'],
      warnings: ['Left out of account for want of size: 2 of the records of crm.Account.'],
    });
  });

  it('are counted again once the source has been read again', async () => {
    await world.put('crm.Account', { c: { Name: 'Corp', Staff: '7' } });
    const { names, warnings } = await asked(callerWith({ account: {} }));
    expect(names).toEqual(['Acme', 'Corp']);
    expect(warnings).toEqual(['Left out of account for want of size: 1 of the records of crm.Account.']);
  });

  it('are told without a number to who sees some records only, and without the field to who does not see it', async () => {
    const { warnings } = await asked(callerWith({ account: { fields: ['name'], where: { name: { ne: 'Acme' } } } }));
    expect(warnings).toEqual(['Left out of account for want of a required value: some of the records of crm.Account.']);
  });

  it('are counted in the status by object and field', async () => {
    const revisions = createRevisions(world.db, { connectors: [], tools: [] });
    const catalogues = { of: async () => world.catalogue() };
    const [crm] = await connectionSummaries({ db: world.db, revisions, catalogues, lens: world.lens }, world.tenant);
    expect(crm?.objects[0]).toMatchObject({ object: 'Account', records: 4, left_out: { 'account.size': 1 } });
  });

  it('are nobody’s concern where the mapping says skip, or keeps them', async () => {
    for (const [onMissing, names] of [
      ['skip', ['Acme', 'Corp']],
      ['null', ['Acme', 'Bolt', 'Corp']],
    ] as const) {
      await world.use(project(onMissing));
      expect(await asked(callerWith({ account: {} }))).toEqual({ names, warnings: [] });
    }
  });
});

describe('what is left out for want of a match', () => {
  const company = model('company', [modelField('number', 'id'), modelField('site', 'string')]);
  const ticket = model('ticket', [
    modelField('subject', 'string'),
    modelField('company', 'reference', { reference: { to: 'company', on: 'number' } }),
  ]);
  const found = from('Email', [{ kind: 'match', by: 'site', as: 'domain' }], 'error');
  /** What a company's site is taken from; nothing is said of tickets. */
  const by = (site: string) =>
    manifestOf(
      [company, ticket],
      [
        integration('crm', { Account: { model: 'company', fields: { number: 'Id', site } } }),
        integration('desk', { Ticket: { model: 'ticket', fields: { subject: 'Subject', company: found } } }),
      ],
    );
  let world: LensWorld;
  beforeAll(async () => {
    world = await openLensWorld(by('Site'), {
      'crm.Account': object('Account', [field('Id', 'id'), field('Site', 'string'), field('Web', 'string')]),
      'desk.Ticket': object('Ticket', [field('Subject', 'string'), field('Email', 'string')]),
    });
    await world.put('crm.Account', {
      a: { Id: 'a', Site: 'alpha.example', Web: 'beta.example' },
      b: { Id: 'b', Site: null, Web: 'gamma.example' },
    });
    await world.put('desk.Ticket', {
      1: { Subject: 'one', Email: 'x@alpha.example' },
      2: { Subject: 'two', Email: 'x@beta.example' },
      3: { Subject: 'three', Email: 'x@gamma.example' },
    });
  });
  afterAll(() => world.close());

  it('is counted again when what is matched is mapped anew, or read again', async () => {
    const service = createQueryService({
      lens: world.lens,
      clock: systemClock,
      ...createQueryDeps(world.db, () => undefined),
    });
    const asked = async () => {
      const catalogue = world.catalogue();
      const agent = agentWith('copilot', { ticket: {} });
      const caller = callerFor({ agent, catalogue, tenant: world.tenant, tenantSlug: 'acme' });
      const query = { object: 'ticket', fields: ['subject'], sort: [{ field: 'subject' }] };
      const { rows, warnings } = await service.queryRecords(caller, catalogue, query);
      return [rows.map(([subject]) => subject), warnings.map((text) => / (\d+) of the records/.exec(text)?.[1])];
    };
    expect(await asked()).toEqual([['one'], ['2']]);
    await world.use(by('Web'));
    expect(await asked()).toEqual([['three', 'two'], ['1']]);
    await world.put('crm.Account', { b: { Id: 'b', Site: null, Web: 'delta.example' } });
    expect(await asked()).toEqual([['two'], ['2']]);
  });
});
