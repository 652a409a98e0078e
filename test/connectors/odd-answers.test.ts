import { afterEach, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { json, raw, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';

/** Answers that no healthy provider gives, over real HTTP. */
const registry = connectorRegistry({ clock: { ...systemClock, sleep: async () => {} }, random: systemRandom });
let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function sessionAt(
  provider: string,
  ...answers: Answer[]
): Promise<{ session: ConnectorSession; server: ScriptServer }> {
  server = await scriptServer(...answers);
  const token = { accessToken: 't', generation: 1 };
  const access = { apiUrl: server.url, token: async () => token, renew: async () => token };
  return { session: requireConnector(registry, provider).open(access), server };
}

function objectOf(name: string, fields: readonly string[]): NativeObject {
  return {
    name,
    label: name,
    custom: false,
    idField: fields[0] ?? 'id',
    linkTemplate: null,
    fields: fields.map((field) => ({
      name: field,
      label: field,
      type: field.startsWith('Mehrfach') ? 'multi_enum' : 'string',
      nativeType: 'string',
      nullable: true,
      custom: false,
      writable: false,
    })),
  };
}

const tickets = objectOf('tickets', ['id', 'subject']);
const page = {
  tickets: [{ id: 1, subject: 'a', updated_at: '2026-01-01T00:00:00Z' }],
  after_cursor: 'c1',
  end_of_stream: false,
};

describe('odd answers to a declared read', () => {
  it.each<[string, unknown]>([
    ['the list is missing', { ...page, tickets: undefined }],
    ['the list holds something else', { ...page, tickets: ['a'] }],
    ['the end mark is missing', { ...page, end_of_stream: undefined }],
    ['there is more but no cursor', { ...page, after_cursor: null }],
    ['an id is missing', { ...page, tickets: [{ subject: 'a' }] }],
    ['the body is a list', [page]],
    ['the body is null', null],
  ])('refuses the page when %s', async (_, body) => {
    const { session } = await sessionAt('zendesk', json(body));
    await expect(session.readPage({ object: tickets, cursor: null })).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('refuses an id that has lost digits on the way', async () => {
    const { session } = await sessionAt('zendesk', json({ ...page, tickets: [{ id: 2 ** 53 + 2 }] }));
    await expect(session.readPage({ object: tickets, cursor: null })).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('does not read the same page for ever', async () => {
    const { session } = await sessionAt('zendesk', json(page));
    const { cursor } = await session.readPage({ object: tickets, cursor: null });
    await expect(session.readPage({ object: tickets, cursor })).rejects.toMatchObject({ code: 'upstream_malformed' });
  });

  it('refuses a place that is too long for a later call', async () => {
    const endless = { ...page, after_cursor: 'c'.repeat(200_000) };
    const { session } = await sessionAt('zendesk', json(endless));
    await expect(session.readPage({ object: tickets, cursor: null })).rejects.toMatchObject({
      code: 'upstream_malformed',
      details: { data: { path: 'after_cursor' } },
    });
  });

  it('gives up a stored cursor that is too long, without a call', async () => {
    const { session, server: target } = await sessionAt('zendesk', json(page));
    const cursor = { at: 'c'.repeat(200_000), seen: [] };
    await expect(session.readPage({ object: tickets, cursor })).rejects.toMatchObject({ code: 'cursor_expired' });
    expect(target.requests).toHaveLength(0);
  });

  it.each([414, 431])('gives up a cursor that the provider answers with %i', async (status) => {
    const { session } = await sessionAt('zendesk', raw('', status));
    const cursor = { at: 'c1', seen: [] };
    await expect(session.readPage({ object: tickets, cursor })).rejects.toMatchObject({ code: 'cursor_expired' });
    // Without a cursor there is nothing to give up: reading would start over for ever.
    await expect(session.readPage({ object: tickets, cursor: null })).rejects.toMatchObject({
      code: 'upstream_refused',
    });
  });

  it.each([
    ['the last page', json({ ...page, end_of_stream: true })],
    ['"too recent"', json({ description: 'Too recent start_time.' }, 422)],
  ])('claims no more after %s than the export shows: all but the last minute', async (_, answer) => {
    const { session } = await sessionAt('zendesk', answer);
    const before = Date.now();
    const { more, readAt } = await session.readPage({ object: tickets, cursor: { at: 'c0', seen: [] } });
    expect(more).toBe(false);
    expect(readAt.getTime()).toBeGreaterThanOrEqual(before - 60_000);
    expect(readAt.getTime()).toBeLessThanOrEqual(Date.now() - 60_000);
  });

  it('ends a list of fields that has no end', async () => {
    let n = 0;
    const { session, server: target } = await sessionAt('zendesk', (request, response, body) => {
      n += 1;
      json({ ticket_fields: [], meta: { has_more: true, after_cursor: `f${String(n)}` } })(request, response, body);
    });
    await expect(session.describeObject('tickets')).rejects.toMatchObject({ code: 'upstream_malformed' });
    expect(target.requests).toHaveLength(100);
  });

  it('starts anew from an empty feed without a cursor', async () => {
    const empty = { tickets: [], after_cursor: null, end_of_stream: true };
    const { session, server: target } = await sessionAt('zendesk', json(empty), json({ ...page, end_of_stream: true }));
    const first = await session.readPage({ object: tickets, cursor: null });
    expect(first).toMatchObject({ records: [], more: false });
    const second = await session.readPage({ object: tickets, cursor: first.cursor });
    expect(second.records).toMatchObject([{ id: '1', values: { id: 1, subject: 'a' } }]);
    expect(target.requests[1]?.url).toContain('start_time=1');
  });

  it('refuses a stored cursor of another form', async () => {
    const { session } = await sessionAt('zendesk', json(page));
    await expect(session.readPage({ object: tickets, cursor: { page: 3 } })).rejects.toMatchObject({
      code: 'cursor_expired',
    });
  });
});

const stamp = (second: number): string => `2026-01-01T00:00:0${String(second)}.000+0000`;
const keys = ['Id', 'SystemModstamp', 'IsDeleted'];
const row = (n: number): unknown => ({ Id: `00${String(n)}`, SystemModstamp: stamp(n), IsDeleted: n === 2 });

describe('odd answers to a Salesforce read', () => {
  it('joins field groups and leaves out what changed between them', async () => {
    const long = Array.from({ length: 400 }, (_, index) => `Ein_langer_Feldname_${String(index)}__c`);
    const object = objectOf('Account', [...keys, ...long]);
    const head = [1, 2, 3].map((n) => ({
      Id: `00${String(n)}`,
      SystemModstamp: stamp(n),
      IsDeleted: false,
      [long[0] ?? '']: n,
    }));
    // Record 2 was changed meanwhile: it is no longer in the stretch.
    const tail = [1, 3].map((n) => ({ Id: `00${String(n)}`, SystemModstamp: stamp(n), [long[399] ?? '']: -n }));
    const answers = [json({ records: head, done: true }), json({ records: tail, done: true })];
    const { session, server: target } = await sessionAt('salesforce', ...answers);
    const result = await session.readPage({ object, cursor: null });
    expect(target.requests).toHaveLength(2);
    expect(result.records.map((record) => record.id)).toEqual(['001', '003']);
    expect(result.records[1]?.values).toMatchObject({ [long[0] ?? '']: 3, [long[399] ?? '']: -3 });
    const asked = target.requests.map((request) => new URLSearchParams(request.url.split('?')[1]).get('q') ?? '');
    const named = new Set(asked.flatMap((soql) => soql.slice(7, soql.indexOf(' FROM')).split(', ')));
    expect([...named].toSorted()).toEqual([...keys, ...long].toSorted());
    expect(asked[1]).toContain("Id <= '003'");
    for (const request of target.requests) expect(request.url.length).toBeLessThan(12_288);
  });

  it('goes on when an answer is shorter than asked for but not the end', async () => {
    const { session, server: target } = await sessionAt(
      'salesforce',
      json({ records: [row(1)], done: false, nextRecordsUrl: '/services/data/v62.0/query/01g-1' }),
      // Whether there are enough for a bulk job.
      json({ totalSize: 2, records: [], done: true }),
      json({ records: [row(2)], done: true }),
    );
    const object = objectOf('Account', keys);
    const first = await session.readPage({ object, cursor: null });
    expect(first.more).toBe(true);
    const second = await session.readPage({ object, cursor: first.cursor });
    expect(second).toMatchObject({ more: false, records: [{ id: '002', deleted: true, values: {} }] });
    expect(decodeURIComponent(target.requests[2]?.url ?? '')).toContain('/queryAll?');
    expect(new URLSearchParams(target.requests[2]?.url.split('?')[1]).get('q')).toContain("Id > '001'");
  });

  it('turns a multi-select picklist into a list and leaves other values as they came', async () => {
    const values = { Id: '001', SystemModstamp: stamp(1), IsDeleted: false, Mehrfach__c: 'a;b', Name: 'x;y' };
    const { session } = await sessionAt('salesforce', json({ records: [values], done: true }));
    const object = objectOf('Account', [...keys, 'Mehrfach__c', 'Name']);
    const { records } = await session.readPage({ object, cursor: null });
    expect(records[0]?.values).toEqual({ ...values, Mehrfach__c: ['a', 'b'] });
  });

  it('reads an object without a stamp by id, and from the beginning each time', async () => {
    const { session, server: target } = await sessionAt('salesforce', json({ records: [{ Id: '001' }], done: true }));
    const object = objectOf('Plain__c', ['Id']);
    const first = await session.readPage({ object, cursor: null });
    expect(first.records).toEqual([{ id: '001', modifiedAt: null, deleted: false, values: { Id: '001' } }]);
    expect(first.restarted).toBeUndefined();
    // Nobody tells what was deleted: what is not in a later reading is gone.
    expect((await session.readPage({ object, cursor: first.cursor })).restarted).toBe(true);
    expect(target.requests[1]?.url).toBe(target.requests[0]?.url);
    expect(target.requests[0]?.url).toContain('/query?q=SELECT+Id+FROM+Plain__c+ORDER+BY+Id+LIMIT+2000');
  });

  it.each<[string, unknown]>([
    ['records are missing', { done: true }],
    ['the end mark is missing', { records: [] }],
    ['a stamp is missing', { records: [{ Id: '001' }], done: true }],
    ['the body is an error list with status 200', [{ errorCode: 'X', message: 'y' }]],
  ])('refuses the page when %s', async (_, body) => {
    const { session } = await sessionAt('salesforce', json(body));
    await expect(session.readPage({ object: objectOf('Account', keys), cursor: null })).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('claims to have read everything up to the call', async () => {
    const { session } = await sessionAt('salesforce', json({ records: [row(1)], done: true }));
    const before = Date.now();
    const { readAt } = await session.readPage({ object: objectOf('Account', keys), cursor: null });
    expect(readAt.getTime()).toBeGreaterThanOrEqual(before - 1);
  });

  it('does not read the same records for ever', async () => {
    const { session } = await sessionAt('salesforce', json({ totalSize: 1, records: [row(1)], done: false }));
    const object = objectOf('Account', keys);
    const { cursor } = await session.readPage({ object, cursor: null });
    await expect(session.readPage({ object, cursor })).rejects.toMatchObject({ code: 'upstream_malformed' });
  });

  it('refuses an id that no later query could name', async () => {
    const { session } = await sessionAt('salesforce', json({ records: [{ Id: '0'.repeat(200_000) }], done: true }));
    const object = objectOf('Plain__c', ['Id']);
    await expect(session.readPage({ object, cursor: null })).rejects.toMatchObject({ code: 'upstream_malformed' });
    const cursor = { by: 'Id', after: { stamp: null, id: '0'.repeat(200_000) }, floor: null };
    await expect(session.readPage({ object, cursor })).rejects.toMatchObject({ code: 'cursor_expired' });
  });

  it('never lets a name that is no API name into an address', async () => {
    const { session, server: target } = await sessionAt('salesforce', json({}));
    for (const name of ['../limits', 'Account WHERE 1=1', 'a%2Fb', '']) {
      await expect(session.describeObject(name)).rejects.toMatchObject({ code: 'upstream_object_missing' });
    }
    expect(target.requests).toHaveLength(0);
  });
});
