import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { readStream, saveSchemaVersion, scanRecords } from '../../src/store/index.ts';
import { accountWith, holdDeletions, openSyncDoors, type SyncDoors } from './sync-doors-stage.ts';

/** What operators see and do about the reading of a customer's systems: over real HTTP, and by commands. */
describe('the doors of sync', { timeout: 300_000 }, () => {
  let doors: SyncDoors;
  beforeAll(async () => {
    doors = await openSyncDoors();
  }, 300_000);
  afterAll(() => doors.close());

  const ask: SyncDoors['ask'] = (method, path, body) => doors.ask(method, path, body);
  const rows = async (path: string, member: string): Promise<JsonObject[]> => {
    const { status, body } = await ask('GET', path);
    expect(status).toBe(200);
    return body[member] as JsonObject[];
  };
  const place = ['--tenant', 'acme', '--connection', 'crm'];
  const stream = (id = doors.acme.contact) => {
    const { tenant } = doors.acme;
    return doors.gantry.db.tenantRead(tenant, (tx) => readStream(tx, tenant, id));
  };
  const crm = async (): Promise<JsonObject> => (await ask('GET', '/v1/connections/crm?tenant=acme')).body;
  const object = async (name: string): Promise<JsonObject | undefined> =>
    ((await crm())['objects'] as JsonObject[]).find((each) => each['object'] === name);

  describe('one object of a connection', () => {
    const path = '/v1/connections/crm/objects/Contact';

    it('is paused with a note, and the status says by whom, since when and how to go on', async () => {
      const paused = await ask('POST', `${path}/pause`, { tenant: 'acme', by: 'ann', note: 'month-end' });
      expect(paused).toMatchObject({
        status: 200,
        body: {
          connection: 'crm',
          object: 'Contact',
          state: 'paused',
          next_run_at: null,
          paused: { by: 'ann', note: 'month-end' },
        },
      });
      expect((await stream())?.paused).toMatchObject({ by: 'ann', note: 'month-end' });
      const { out } = await doors.run('status', '--tenant', 'acme');
      expect(out).toMatch(/ Paused by ann since 20\S+: month-end/);
      expect(out).toContain('gantry sync resume --tenant acme --connection crm --object Contact');
      expect((await crm())['health']).toBe('degraded');
    });

    it('is neither paused twice nor read while it is paused, and both say why', async () => {
      const conflict = { status: 409, body: { code: 'object_state_conflict', where: 'Contact' } };
      expect(await ask('POST', `${path}/pause`, { tenant: 'acme' })).toMatchObject(conflict);
      expect(await ask('POST', '/v1/connections/crm/sync', { tenant: 'acme', objects: ['Contact'] })).toMatchObject({
        ...conflict,
        body: { message: expect.stringContaining('was paused by ann') as string },
      });
    });

    it('goes on at once when it is resumed', async () => {
      const { out } = await doors.run('sync', 'resume', ...place, '--object', 'Contact', '--note', 'closed');
      expect(out).toContain('crm/Contact: ');
      const row = await stream();
      expect(row?.paused).toBeNull();
      expect(await ask('POST', `${path}/resume`, { tenant: 'acme' })).toMatchObject({ status: 409 });
    });

    it.each([
      [['--days', '30'], 30],
      [['--days', 'all'], null],
    ])('is read again as far back as %j says', async (words, days) => {
      const { code } = await doors.run('sync', 'backfill', ...place, '--object', 'Contact', ...words);
      expect(code).toBe(0);
      const asked = (await stream())?.backfillAsked;
      const back =
        asked?.since === null ? null : (Date.parse(asked?.at ?? '') - Date.parse(asked?.since ?? '')) / 86_400_000;
      expect(back).toBe(days);
      expect(await object('Contact')).toMatchObject({ backfill_asked: asked });
    });

    it('refuses days that are none', async () => {
      await expect(
        doors.run('sync', 'backfill', ...place, '--object', 'Contact', '--days', '-1'),
      ).rejects.toMatchObject({ code: 'bad_request' });
      expect(await ask('POST', `${path}/backfill`, { tenant: 'acme', days: 0 })).toMatchObject({ status: 400 });
    });
  });

  describe('held deletions', () => {
    const live = async (): Promise<number> => {
      const { tenant, account } = doors.acme;
      const all = { tenant, stream: account, afterId: null, limit: 1_000 };
      return (await doors.gantry.db.tenantTx(tenant, (tx) => scanRecords(tx, all))).length;
    };

    it('are told with why, what happens by itself, and both ways out', async () => {
      expect(await rows('/v1/held-deletions?tenant=acme', 'held_deletions')).toMatchObject([
        { connection: 'crm', object: 'Account', missing: 298, compared: 300, why: 'many' },
      ]);
      const { out } = await doors.run('deletions', '--tenant', 'acme');
      expect(out).toContain('crm/Account: 298 of 300 records did not appear');
      expect(out).toContain('really gone   gantry deletions accept --tenant acme --connection crm --object Account');
      expect(out).toContain('still there   gantry deletions dismiss --tenant acme --connection crm --object Account');
    });

    it('are dismissed: nothing is deleted, nothing is held any more', async () => {
      await doors.run('deletions', 'dismiss', ...place, '--object', 'Account', '--note', 'sharing was off');
      expect(await live()).toBe(300);
      expect(await rows('/v1/held-deletions?tenant=acme', 'held_deletions')).toEqual([]);
      expect((await stream(doors.acme.account))?.lastError).toBeNull();
      const again = { tenant: 'acme', connection: 'crm', object: 'Account' };
      for (const act of ['accept', 'dismiss'])
        expect(await ask('POST', `/v1/held-deletions/${act}`, again)).toMatchObject({ status: 409 });
    });

    it('are accepted: what did not appear is deleted, and a report says so', async () => {
      await doors.gantry.db.tenantTx(doors.acme.tenant, (tx) => holdDeletions(tx, doors.acme));
      const { out } = await doors.run('deletions', 'accept', ...place, '--object', 'Account');
      expect(out).toBe('Deleted: 298');
      expect(await live()).toBe(2);
      expect(await rows('/v1/comparisons?tenant=acme&object=Account', 'comparisons')).toMatchObject([
        { complete: true, deleted: 298, held: 0, what: 'Held deletions were carried out: 298 records.' },
        { complete: true, deleted: 0, held: 0, what: 'Held deletions ended, and nothing was deleted.' },
      ]);
      expect((await doors.run('comparisons', '--tenant', 'acme')).out).toContain(
        'crm/Account  Held deletions were carried out',
      );
    });
  });

  describe('dead letters', () => {
    const letters = () => rows('/v1/dead-letters?tenant=acme', 'dead_letters');

    it('are counted in the status, and listed with cause, stage, tries and hash', async () => {
      expect(await object('Contact')).toMatchObject({ dead_letters: 2 });
      expect((await doors.run('connection', 'show', 'crm', '--tenant', 'acme')).out).toContain(
        '2 dead letters, left out until they are read: gantry dead-letters --tenant acme --connection crm --object Contact',
      );
      expect(await letters()).toMatchObject([
        {
          connection: 'crm',
          object: 'Contact',
          kind: 'record',
          name: 'c1',
          state: 'dead',
          stage: 'read',
          code: 'upstream_malformed',
          class: 'malformed_response',
          bytes_hash: 'abc',
          tries: 1,
        },
        { name: 'c2' },
      ]);
      expect(await rows('/v1/dead-letters?tenant=acme&object=Account', 'dead_letters')).toEqual([]);
    });

    it('are dropped with a reason only, which is kept', async () => {
      const letter = String((await letters())[0]?.['letter']);
      await expect(doors.run('dead-letters', 'drop', letter, '--tenant', 'acme')).rejects.toMatchObject({
        code: 'bad_request',
      });
      expect(await ask('DELETE', `/v1/dead-letters/${letter}?tenant=acme`)).toMatchObject({
        status: 400,
        body: { where: 'note' },
      });
      await doors.run('dead-letters', 'drop', letter, '--tenant', 'acme', '--note', 'a test record');
      expect(await letters()).toMatchObject([{ name: 'c2' }]);
      expect(await ask('GET', `/v1/dead-letters/${letter}?tenant=acme`)).toMatchObject({ status: 404 });
      expect((await rows('/v1/operator-acts?tenant=acme&limit=1', 'acts'))[0]).toMatchObject({
        act: 'drop_dead_letter',
        connection: 'crm',
        object: 'Contact',
        name: 'c1',
        note: 'a test record',
      });
    });

    it('are not tried again where nobody has signed in', async () => {
      await expect(doors.run('dead-letters', 'replay', ...place)).rejects.toMatchObject({
        code: 'connection_reauth_required',
      });
      expect(await ask('POST', '/v1/dead-letters/replay', { tenant: 'acme' })).toMatchObject({ status: 400 });
    });
  });

  it('lists dead events with their cause, tries one again, and drops one with a reason', async () => {
    const events = () => rows('/v1/dead-events?tenant=acme', 'dead_events');
    expect(await crm()).toMatchObject({ dead_events: 2 });
    expect((await doors.run('status', '--tenant', 'acme')).out).toContain(
      '2 events could not be read: gantry dead-events --tenant acme --connection crm',
    );
    expect(await events()).toMatchObject([
      { connection: 'crm', event: 'e1', object: 'Contact', record: 'c-e1', code: 'upstream_forbidden', tries: 1 },
      { event: 'e2' },
    ]);
    expect((await doors.run('dead-events', 'replay', 'e1', ...place)).out).toBe('Tried again: 1');
    expect(await events()).toMatchObject([{ event: 'e2' }]);
    await expect(doors.run('dead-events', 'replay', 'e1', ...place)).rejects.toMatchObject({ code: 'not_found' });
    expect(await doors.run('dead-events', 'drop', ...place, '--note', 'x')).toMatchObject({ code: 1 });
    expect((await doors.run('dead-events', 'drop', '--all', ...place, '--note', 'the object is not ours')).out).toBe(
      'Dropped: 1',
    );
    expect(await events()).toEqual([]);
  });

  describe('values that do not fit', () => {
    it('are counted by field and reason with a few records, and never shown unasked', async () => {
      const { body } = await ask('GET', '/v1/quarantine?tenant=acme');
      expect(body).toMatchObject({
        groups: [
          { connection: 'crm', object: 'Account', field: 'Phone', reason: 'expected a number, got text', values: 2 },
        ],
      });
      expect((body['groups'] as JsonObject[])[0]?.['examples']).toEqual(['a1', 'a2']);
      expect(JSON.stringify(body)).not.toContain('secret');
      expect((await doors.run('quarantine', '--tenant', 'acme')).out).not.toContain('secret');
      expect((await doors.run('quarantine', '--tenant', 'acme', '--values')).out).toContain(
        'crm/Account/a1 Phone: expected a number, got text; got +49 secret of acme',
      );
      expect(await rows('/v1/quarantine?tenant=acme&field=Fax', 'groups')).toEqual([]);
    });

    it('stay where they do not fit, and are tried again from what was kept once the field is put right (S9)', async () => {
      const { tenant, account } = doors.acme;
      expect((await doors.run('quarantine', 'replay', ...place)).out).toBe(
        'Account: 0 values of 2 records fit now; 2 values still set aside',
      );
      const repaired = { tenant, stream: account, object: accountWith('string') };
      await doors.gantry.db.tenantTx(tenant, (tx) => saveSchemaVersion(tx, repaired));
      expect(await ask('POST', '/v1/quarantine/replay', { tenant: 'acme', connection: 'crm' })).toMatchObject({
        status: 200,
        body: { objects: [{ object: 'Account', fitted: 2, left: 0, set_aside: 0 }] },
      });
      const all = { tenant, stream: account, afterId: null, limit: 10 };
      const records = await doors.gantry.db.tenantTx(tenant, (tx) => scanRecords(tx, all));
      expect(JSON.stringify(records)).toContain('+49 secret of acme');
      expect((await doors.run('quarantine', '--tenant', 'acme')).out).toBe('Nothing is set aside.');
    });
  });

  it('keeps who did what, when and why, newest first', async () => {
    const acts = (await rows('/v1/operator-acts?tenant=acme', 'acts')).map(({ act }) => act);
    expect(acts).toEqual([
      'replay_quarantine',
      'replay_quarantine',
      'drop_dead_events',
      'replay_dead_events',
      'drop_dead_letter',
      'accept_deletions',
      'dismiss_deletions',
      'backfill',
      'backfill',
      'resume',
      'pause',
    ]);
    const { out } = await doors.run('acts', '--tenant', 'acme');
    expect(out).toMatch(/ann: pause of crm\/Contact: month-end$/m);
    expect(out).toMatch(/accept deletions of crm\/Account \(deleted 298\)$/m);
  });

  describe('another customer', () => {
    it('knows nothing of it: neither lists nor acts reach across (I6)', async () => {
      const everything = await Promise.all(
        [
          'held-deletions',
          'dead-letters',
          'dead-events',
          'quarantine?values=true&x',
          'operator-acts',
          'comparisons',
        ].map((list) => ask('GET', `/v1/${list.replace('&x', '')}${list.includes('?') ? '&' : '?'}tenant=globex`)),
      );
      expect(everything.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      const text = JSON.stringify(everything);
      expect(text).toContain('secret of globex');
      expect(text).not.toContain('secret of acme');
      expect(text).not.toContain('month-end');
    });

    it('finds no letter, event or object by the names that another one has', async () => {
      const mine = (await rows('/v1/dead-letters?tenant=acme', 'dead_letters')).map(({ letter }) => Number(letter));
      const theirs = (await rows('/v1/dead-letters?tenant=globex', 'dead_letters')).map(({ letter }) => Number(letter));
      const only = theirs.filter((letter) => !mine.includes(letter));
      expect(only.length).toBeGreaterThan(0);
      for (const letter of only) {
        expect(await ask('GET', `/v1/dead-letters/${String(letter)}?tenant=acme`)).toMatchObject({ status: 404 });
        expect(await ask('DELETE', `/v1/dead-letters/${String(letter)}?tenant=acme&note=x`)).toMatchObject({
          status: 404,
        });
        expect(await ask('POST', '/v1/dead-letters/replay', { tenant: 'acme', letter })).toMatchObject({ status: 404 });
        expect(await ask('GET', `/v1/dead-letters/${String(letter)}?tenant=globex`)).toMatchObject({ status: 200 });
      }
      // e2 was dropped at acme; globex still has it.
      const event = { connection: 'crm', event: 'e2' };
      expect(await ask('POST', '/v1/dead-events/replay', { tenant: 'acme', ...event })).toMatchObject({ status: 404 });
      expect(await ask('POST', '/v1/dead-events/replay', { tenant: 'globex', ...event })).toMatchObject({
        status: 200,
      });
    });

    it.each([
      ['POST', '/v1/connections/crm/objects/Nothing/pause', { tenant: 'acme' }],
      ['POST', '/v1/connections/erp/objects/Account/backfill', { tenant: 'acme' }],
      ['POST', '/v1/connections/crm/objects/Account/pause', { tenant: 'nobody' }],
      ['GET', '/v1/comparisons?tenant=acme&connection=erp', undefined],
      ['GET', '/v1/dead-letters?tenant=acme&object=Acount', undefined],
      ['GET', '/v1/dead-events?tenant=acme&connection=erp', undefined],
      ['GET', '/v1/quarantine?tenant=acme&connection=crm&object=Acount', undefined],
      ['GET', '/v1/operator-acts?tenant=nobody', undefined],
      ['POST', '/v1/held-deletions/accept', { tenant: 'acme', connection: 'crm', object: 'Acount' }],
    ])('%s %s is told that there is no such thing', async (method, path, body) => {
      expect(await ask(method, path, body)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });
  });

  it('goes with its connection: what operators did names records of it', async () => {
    expect(await ask('DELETE', '/v1/connections/crm?tenant=acme')).toMatchObject({ status: 202 });
    expect(await rows('/v1/operator-acts?tenant=acme', 'acts')).toEqual([]);
    expect(await ask('GET', '/v1/dead-letters?tenant=acme&connection=crm')).toMatchObject({ status: 404 });
  });

  it("stands in the doctor's words, too, when the server is down", async () => {
    await doors.ask('POST', '/v1/connections/crm/objects/Contact/pause', { tenant: 'globex', by: 'bo', note: 'audit' });
    const told = await doors.doctor();
    expect(told).toMatch(/globex, crm \(salesforce\): degraded\n/);
    expect(told).toMatch(/Paused by bo since \S+: audit/);
    expect(told).toContain('gantry sync resume --tenant globex --connection crm --object Contact');
    expect(told).toContain('gantry deletions accept --tenant globex --connection crm --object Account');
    expect(told).toContain('gantry dead-letters --tenant globex --connection crm --object Contact');
    expect(told).not.toContain('secret of');
  });
});
