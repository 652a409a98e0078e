import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionConditions } from '../../src/app/index.ts';
import { recordConnectionEvent } from '../../src/connection/index.ts';
import { GantryError, type JsonObject } from '../../src/kernel/index.ts';
import { addTenant, claimDue, findTenant, listConnections } from '../../src/store/index.ts';
import { gantry } from '../e2e/server-process.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { objectsOf, startLifeRig, type LifeRig } from './rig.ts';

/** One connection from its first sign-in to its end, over real HTTP, against the Salesforce and the Zendesk sandbox. */
describe('the life of a connection over real HTTP', { timeout: 240_000 }, () => {
  let rig: LifeRig;
  beforeAll(async () => {
    rig = await startLifeRig();
  }, 300_000);
  afterAll(() => rig.stop());

  it('begins with a sign-in', async () => {
    await rig.signIn('crm');
    await rig.signIn('support');
    await rig.loaded('crm');
    await rig.loaded('support');
  });

  const act = (slug: string, what: string, note: string | null = null) =>
    rig.ask('POST', `/v1/connections/${slug}/${what}`, {
      tenant: 'acme',
      by: 'ada',
      ...(note === null ? {} : { note }),
    });
  const accounts = () => rig.agent('query_records', { object: 'account', fields: ['name'], limit: 5 });
  const warningsOf = (answer: JsonObject): string => JSON.stringify(answer['warnings']);
  const records = async (slug: string, object: string): Promise<number> =>
    Number(objectsOf(await rig.connection(slug)).find((each) => each['object'] === object)?.['records']);
  const cursors = (slug: string) =>
    rig.gantry.db.query<{ object: string; cursor: unknown }>(
      `select s.object, s.cursor from stream s join connection c on c.tenant = s.tenant and c.id = s.connection
       where c.slug = $1 order by s.object`,
      [slug],
    );
  const upstreamCalls = async (sandbox: TestSandbox): Promise<number> =>
    (await sandbox.control<{ entries: unknown[] }>('GET', 'ledger?limit=100000')).entries.length;
  /** What was under way when the grant ended has been answered, too. */
  const settledCalls = async (sandbox: TestSandbox): Promise<number> => {
    let before = -1;
    let now = await upstreamCalls(sandbox);
    while (now !== before) {
      before = now;
      await sleep(300);
      now = await upstreamCalls(sandbox);
    }
    return now;
  };
  /** What any worker would take if everything were due: tried, and taken back. */
  const claimable = async (slug: string): Promise<string[]> => {
    const { db } = rig.gantry;
    const tenant = (await findTenant(db, 'acme'))?.id;
    if (tenant === undefined) throw new Error('no tenant');
    let taken: string[] = [];
    const work = db.tenantTx(tenant, async (tx) => {
      await tx.query('update stream set due_at = $2, lease_until = null where tenant = $1', [
        tenant,
        new Date('2026-01-01'),
      ]);
      const own = (await listConnections(tx, tenant)).find((row) => row.slug === slug);
      const claimed = await claimDue(tx, { tenant, worker: 'trial', leaseMs: 1_000, limit: 100 });
      taken = claimed.filter(({ connection }) => connection === own?.id).map(({ object }) => object);
      throw new Error('taken back');
    });
    await expect(work).rejects.toThrow('taken back');
    return taken;
  };
  /** Runs that were under way have ended. */
  const idle = (slug: string) =>
    expect
      .poll(
        () =>
          rig.gantry.db.query(
            `select 1 from stream s join connection c on c.tenant = s.tenant and c.id = s.connection
             where c.slug = $1 and s.lease_by is not null`,
            [slug],
          ),
        { timeout: 120_000 },
      )
      .toEqual([]);
  const changesTo = (to: string) =>
    rig.events.filter((event) => event.kind === 'connection_state_changed' && event.to === to);

  it('pauses with a note: nothing is read, data stays readable and says so; resuming goes on from the cursor', async () => {
    expect(await rig.connection('crm')).toMatchObject({ state: 'working', health: 'ok', who_can_fix: null });
    const paused = await act('crm', 'pause', 'month-end closing');
    expect(paused).toMatchObject({
      status: 200,
      body: {
        state: 'paused',
        health: 'paused',
        who_can_fix: 'operator',
        next_try: null,
        paused: { by: 'ada', note: 'month-end closing' },
      },
    });
    await idle('crm');
    const before = await cursors('crm');
    await rig.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Made during the pause' } });
    const held = await upstreamCalls(rig.crm);
    expect(await rig.ask('POST', '/v1/connections/crm/sync', { tenant: 'acme' })).toMatchObject({
      status: 409,
      body: { code: 'connection_paused' },
    });
    expect(await claimable('crm')).toEqual([]);
    expect(await claimable('support')).not.toEqual([]);
    expect(await upstreamCalls(rig.crm)).toBe(held);
    expect(await cursors('crm')).toEqual(before);
    const answer = await accounts();
    expect((answer['rows'] as unknown[]).length).toBeGreaterThan(0);
    expect(warningsOf(answer)).toContain('crm is not kept up to date (connection_paused)');
    expect(warningsOf(answer)).toContain('month-end closing');

    const count = await records('crm', 'Account');
    expect(await act('crm', 'resume')).toMatchObject({ status: 200, body: { state: 'working' } });
    await expect.poll(() => records('crm', 'Account'), { timeout: 120_000 }).toBe(count + 1);
    expect(warningsOf(await accounts())).not.toContain('not kept up to date');
    expect(await act('crm', 'resume')).toMatchObject({ status: 409, body: { code: 'connection_state_conflict' } });
  });

  it.each([
    ['crm', 'Account', { Name: 'Made while signed out' }],
    ['support', 'organizations', { name: 'Made while signed out' }],
  ] as const)(
    'A4: notices a revoked grant of %s at once, tells it once, keeps its place and goes on after a new sign-in',
    async (slug, object, fields) => {
      const sandbox = slug === 'crm' ? rig.crm : rig.support;
      const endings = changesTo('reauth_required').length;
      const count = await records(slug, object);
      // From here on the provider answers nothing: what a run under way has got already is kept, and then no place moves.
      await sandbox.control('POST', 'revoke', {});
      await idle(slug);
      const before = await cursors(slug);
      await sandbox.mutate({ op: 'create', object, fields });
      // Zendesk tells of nothing that is younger than a minute.
      await sandbox.control('POST', 'clock', { advanceMs: 120_000 });
      await rig.ask('POST', `/v1/connections/${slug}/sync`, { tenant: 'acme', objects: [object] });
      await expect
        .poll(async () => (await rig.connection(slug))['state'], { timeout: 120_000 })
        .toBe('reauth_required');
      const told = await rig.connection(slug);
      expect(told).toMatchObject({
        health: 'reauth_required',
        error_code: 'connection_reauth_required',
        who_can_fix: 'tenant_admin',
      });
      expect(told['next_try']).not.toBeNull();
      await idle(slug);
      // Nobody asks the provider any more, however many of its objects are due.
      const calls = await settledCalls(sandbox);
      expect(await claimable(slug)).toEqual([]);
      expect(await upstreamCalls(sandbox)).toBe(calls);
      expect(changesTo('reauth_required')).toHaveLength(endings + 1);
      expect(await cursors(slug)).toEqual(before);
      if (slug === 'crm') {
        const warned = warningsOf(await accounts());
        expect(warned).toContain('connection_reauth_required');
        expect(warned).toContain('An administrator of the customer');
      }
      await rig.signIn(slug);
      await expect.poll(() => records(slug, object), { timeout: 120_000 }).toBe(count + 1);
      expect(await rig.connection(slug)).toMatchObject({ state: 'working', error_code: null });
    },
  );

  it('A4: a grant that ended before a pause is not taken for alive when the pause ends', async () => {
    await rig.crm.control('POST', 'revoke', {});
    await rig.ask('POST', '/v1/connections/crm/sync', { tenant: 'acme', objects: ['Account'] });
    await expect.poll(async () => (await rig.connection('crm'))['state'], { timeout: 120_000 }).toBe('reauth_required');
    await act('crm', 'pause');
    expect(await act('crm', 'resume')).toMatchObject({ body: { state: 'reauth_required' } });
    await rig.signIn('crm');
    expect(await rig.connection('crm')).toMatchObject({ state: 'working' });
  });

  it('comes back by itself where the provider had only stumbled', async () => {
    const { db } = rig.gantry;
    const tenant = (await findTenant(db, 'acme'))?.id;
    if (tenant === undefined) throw new Error('no tenant');
    const error = new GantryError('connection_reauth_required', { message: 'The provider said so.' }).toBody();
    await db.tenantTx(tenant, async (tx) => {
      const row = (await listConnections(tx, tenant)).find(({ slug }) => slug === 'crm');
      if (row !== undefined)
        await recordConnectionEvent(tx, { tenant, connection: row.id, event: 'grant_ended', error });
    });
    const { state, next_try: next } = await rig.connection('crm');
    expect(state).toBe('reauth_required');
    expect(Date.parse(String(next))).toBeGreaterThan(Date.now());
    const told = (await connectionConditions(db, { id: tenant, slug: 'acme' })).find(
      (condition) => condition['connection'] === 'crm',
    );
    expect(told).toMatchObject({ state: 'reauth_required', who_can_fix: 'tenant_admin' });
    expect(told?.['next_try']).toBe(next);
    await db.query(`update connection_chore set due_at = now() where kind = 'probe'`);
    await expect.poll(async () => (await rig.connection('crm'))['state'], { timeout: 120_000 }).toBe('working');
    expect(await db.query('select 1 from connection_chore')).toEqual([]);
  });

  it('is told and decided by commands', async () => {
    const shown = await gantry(rig.env, 'connection', 'list', '--tenant', 'acme');
    expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/^crm {2}working {2}since /m) });
    const paused = await gantry(rig.env, 'connection', 'pause', 'crm', '--tenant', 'acme', '--note', 'audit');
    expect(paused.out).toMatch(/state {6}paused since [^]*: audit\./);
    expect(paused.out).toMatch(/who {8}you, the operator: /);
    expect(paused.out).toContain('meanwhile  Nothing is read or sent.');
    expect(paused.out).toContain('next try   not by itself');
    const unsure = await gantry(rig.env, 'connection', 'delete', 'crm', '--tenant', 'acme', '--confirm', 'crn');
    expect(unsure).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was deleted') });
    const resumed = await gantry(rig.env, 'connection', 'resume', 'crm', '--tenant', 'acme');
    // What its objects need beside that is told, too: on a busy machine some are late.
    expect(resumed).toMatchObject({ code: 0, out: expect.stringMatching(/^crm \(salesforce\): (?:ok|degraded)\n/) });
    expect((await rig.connection('crm'))['state']).toBe('working');
    const wrong = await gantry(rig.env, 'connection', 'show', 'crn', '--tenant', 'acme');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('did you mean crm?') });
  });

  it('revokes: ends the grant at the provider, destroys the credentials, keeps the data, takes the same account again', async () => {
    const count = await records('crm', 'Account');
    const revoked = await act('crm', 'revoke', 'contract ended');
    expect(revoked).toMatchObject({
      status: 200,
      body: {
        state: 'revoked',
        health: 'revoked',
        revoked: { by: 'ada', note: 'contract ended', at_provider: 'at_provider' },
      },
    });
    const { entries } = await rig.crm.control<{ entries: { path: string }[] }>('GET', 'ledger?limit=100000');
    expect(entries.filter(({ path }) => path.startsWith('/services/oauth2/revoke'))).toHaveLength(1);
    const left = await rig.gantry.db.query(
      `select 1 from credential k join connection c on c.tenant = k.tenant and c.id = k.connection where c.slug = 'crm'`,
    );
    expect(left).toEqual([]);
    expect(await records('crm', 'Account')).toBe(count);
    expect(warningsOf(await accounts())).toContain('connection_revoked');
    expect(await act('crm', 'pause')).toMatchObject({ status: 409 });
    await rig.signIn('crm');
    expect(await rig.connection('crm')).toMatchObject({ state: 'working' });
  });

  it('deletes everything of one connection, proves it, and leaves the others and the name', async () => {
    const { db } = rig.gantry;
    const crmBefore = await records('crm', 'Account');
    const [{ id } = { id: -1 }] = await db.query<{ id: number }>(`select id from connection where slug = 'support'`);
    const streams = (await db.query<{ id: number }>('select id from stream where connection = $1', [id])).map(
      (row) => row.id,
    );
    const tables = ['record', 'record_history', 'quarantine', 'sweep_seen'];
    const countIn = async (table: string): Promise<number> =>
      (
        await db.query<{ n: number }>(`select count(*)::int as n from ${table} where stream = any($1::int[])`, [
          streams,
        ])
      )[0]?.n ?? -1;
    const had = await countIn('record');
    expect(had).toBeGreaterThan(100);
    const gone = await rig.ask('DELETE', '/v1/connections/support?tenant=acme&by=ada&note=churned');
    expect(gone).toMatchObject({
      status: 202,
      body: { connection: 'support', state: 'deleted', deleted_by: 'ada', note: 'churned' },
    });
    // From here on nobody sees it.
    expect((await rig.ask('GET', '/v1/connections/support?tenant=acme')).status).toBe(404);
    expect(JSON.stringify(await rig.agent('query_records', { object: 'ticket', limit: 1 }))).not.toContain('support/');
    await expect
      .poll(
        async () =>
          ((await rig.ask('GET', '/v1/deleted-connections?tenant=acme')).body['connections'] as JsonObject[])[0]?.[
            'purged_at'
          ],
        {
          timeout: 120_000,
        },
      )
      .not.toBeNull();
    const [stone] = (await rig.ask('GET', '/v1/deleted-connections?tenant=acme')).body['connections'] as JsonObject[];
    expect(stone).toMatchObject({
      connection: 'support',
      removed: { record: had, stream: streams.length },
    });
    for (const table of tables) expect(`${table} ${String(await countIn(table))}`).toBe(`${table} 0`);
    expect(await records('crm', 'Account')).toBe(crmBefore);
    // The name is free.
    expect((await rig.ask('POST', '/v1/connections', { tenant: 'acme', integration: 'support' })).status).toBe(201);
    expect(await rig.connection('support')).toMatchObject({ state: 'authorising', account: null, objects: [] });
  });

  it('knows no connection of another tenant', async () => {
    const { db } = rig.gantry;
    if ((await findTenant(db, 'other')) === null) await addTenant(db, { slug: 'other', at: new Date('2026-01-01') });
    for (const what of ['pause', 'resume', 'revoke']) {
      const refused = await rig.ask('POST', `/v1/connections/crm/${what}`, { tenant: 'other' });
      expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await rig.ask('DELETE', '/v1/connections/crm?tenant=other')).status).toBe(404);
    expect(await rig.connection('crm')).toMatchObject({ state: 'working' });
  });
});
