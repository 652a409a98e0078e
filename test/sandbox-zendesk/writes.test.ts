import { createClient } from 'node-zendesk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB_TABLE, nextJobState, type JobEvent, type JobState } from '../../sandbox/zendesk/writes/job-state.ts';
import { adminOf, type TestSandbox } from '../support/sandbox.ts';
import { ANCHOR_S, idsOf, rows, startHelpDesk, unlimited, type Json } from './client.ts';
import { effectsSince, ended, lastSeq, writerFor, type Writer } from './writer.ts';

let sandbox: TestSandbox;
let admin: Writer;
let agent: Writer;
let agentId: number;
/** Open tickets of the admin's. */
let open: readonly number[];

beforeAll(async () => {
  sandbox = await startHelpDesk({ scale: 2_000 });
  await unlimited(sandbox);
  await sandbox.control('POST', 'limits', { ticketUpdatesPerMinute: 10_000 });
  admin = await writerFor(sandbox);
  const user = sandbox.health.users.find(({ role, active }) => role === 'user' && active);
  if (user === undefined) throw new Error('no agent');
  agentId = Number(user.id);
  agent = await writerFor(sandbox, { user });
  const tickets = Array.from({ length: 60 }, (_empty, at) => ({ subject: `offen ${at}`, comment: { body: 'x' } }));
  const job = await admin.job('POST', 'tickets/create_many', { tickets });
  open = (job['results'] as readonly Json[]).map(({ id }) => Number(id));
});
const nth = (at: number): number => open[at] ?? 0;
const ticketPath = (at: number): string => `tickets/${nth(at)}`;
afterAll(() => sandbox.stop());

const fieldsOf = async (owner: string): Promise<readonly Json[]> => rows(await admin.send('GET', owner), owner);
const titled = async (title: string): Promise<number> => {
  const field = (await fieldsOf('ticket_fields')).find((each) => each['title'] === title && each['active'] === true);
  return Number(field?.['id']);
};
const ticketOf = ({ body }: { body: Json }): Json => body['ticket'] as Json;
const details = ({ body }: { body: Json }): Json => body['details'] as Json;

describe('one ticket', () => {
  it('is created with a comment, fields and tags, mails its requester, and stands in the ledger as it was meant', async () => {
    const seq = await lastSeq(sandbox);
    const area = await titled('Produktbereich');
    const made = await agent.send('POST', 'tickets.json', {
      ticket: {
        subject: 'Drucker brennt',
        comment: { body: 'Es raucht.', public: true },
        requester: { name: 'Neue Kundin', email: 'neu@kundin.example' },
        external_id: 'write-1',
        tags: ['Dringend', 'rauch'],
        custom_fields: [{ id: area, value: 'import' }],
        priority: 'high',
      },
    });
    expect(made.status).toBe(201);
    const ticket = ticketOf(made);
    expect(made.headers.get('location')).toBe(`${sandbox.url}/api/v2/tickets/${String(ticket['id'])}.json`);
    expect(ticket).toMatchObject({ status: 'new', description: 'Es raucht.', tags: ['dringend', 'import', 'rauch'] });
    const effects = await effectsSince(sandbox, seq);
    const own = effects.filter(({ cause }) => cause === undefined);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({
      op: 'create',
      object: 'tickets',
      id: String(ticket['id']),
      marker: 'write-1',
      kind: 'call',
      fields: { subject: 'Drucker brennt', priority: 'high', comment: { body: 'Es raucht.', public: true } },
    });
    const caused = effects.filter(({ cause }) => cause !== undefined);
    expect(caused.map(({ op, object }) => `${op} ${object}`)).toEqual(['create users', 'send email']);
    expect(caused[1]).toMatchObject({ id: 'neu@kundin.example', cause: expect.stringContaining('trigger:') as string });
    const comments = rows(await agent.send('GET', `tickets/${String(ticket['id'])}/comments`), 'comments');
    expect(comments.map(({ body, author_id }) => [body, author_id])).toEqual([['Es raucht.', agentId]]);
  });

  it('is created once for an Idempotency-Key within two hours; another body is refused', async () => {
    const ticket = { subject: 'Einmal', comment: { body: 'nur einmal' } };
    const key = { 'idempotency-key': 'k-1' };
    const first = await agent.send('POST', 'tickets', { ticket }, key);
    const again = await agent.send('POST', 'tickets', { ticket }, key);
    expect([first, again].map(({ status, headers }) => [status, headers.get('x-idempotency-lookup')])).toEqual([
      [201, 'miss'],
      [201, 'hit'],
    ]);
    expect(again.body).toEqual(first.body);
    const other = await agent.send('POST', 'tickets', { ticket: { ...ticket, subject: 'Anders' } }, key);
    expect([other.status, other.body['error']]).toEqual([400, 'IdempotentRequestError']);
    await sandbox.control('POST', 'clock', { advanceMs: 2 * 3_600_000 });
    admin = await writerFor(sandbox);
    agent = await writerFor(sandbox, {
      user: sandbox.health.users.find(({ id }) => id === String(agentId)) ?? adminOf(sandbox),
    });
    const late = await agent.send('POST', 'tickets', { ticket }, key);
    expect(late.headers.get('x-idempotency-lookup')).toBe('miss');
    expect(ticketOf(late)['id']).not.toBe(ticketOf(first)['id']);
  });

  it('tells everything that is wrong with it', async () => {
    const contract = await titled('Vertragsnummer');
    const area = await titled('Produktbereich');
    const answer = await agent.send('POST', 'tickets', {
      ticket: {
        status: 'kaputt',
        requester_id: 1,
        custom_fields: [
          { id: contract, value: 'nein' },
          { id: area, value: 'gibtesnicht' },
        ],
      },
    });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ error: 'RecordInvalid', description: 'Record validation errors' });
    const { base, requester, status } = details(answer) as Record<string, readonly Json[]>;
    expect(base?.map(({ error, ticket_field_type: type }) => [error, type])).toEqual([
      ['BlankValue', 'FieldDescription'],
      ['InvalidValue', 'FieldRegexp'],
      ['InvalidValue', 'FieldTagger'],
    ]);
    expect([requester?.length, status?.length]).toEqual([1, 1]);
  });

  it('is solved only with what the form asks for, and closed for good', async () => {
    const area = await titled('Produktbereich');
    const made = await agent.send('POST', 'tickets', { ticket: { subject: 'x', comment: { body: 'y' } } });
    const path = `tickets/${String(ticketOf(made)['id'])}`;
    const refused = await agent.send('PUT', path, { ticket: { status: 'solved' } });
    expect(details(refused)).toEqual({
      base: [
        {
          description: 'Produktbereich: is required when solving a ticket',
          error: null,
          ticket_field_id: area,
          ticket_field_type: 'FieldTagger',
        },
      ],
    });
    const solved = await agent.send('PUT', path, {
      ticket: { status: 'solved', custom_fields: [{ id: area, value: 'api' }] },
    });
    expect(ticketOf(solved)).toMatchObject({ status: 'solved', assignee_id: agentId, tags: ['api'] });
    expect((await admin.send('PUT', path, { ticket: { status: 'closed' } })).status).toBe(200);
    const after = await agent.send('PUT', path, { ticket: { priority: 'low' } });
    expect(details(after)).toMatchObject({ status: [{ description: 'Status: closed prevents ticket update' }] });
  });

  it('is not overwritten by a safe update with an old stamp', async () => {
    const stamp = String(ticketOf(await agent.send('GET', ticketPath(0)))['updated_at']);
    const update = { priority: 'urgent', safe_update: 'true', updated_stamp: stamp };
    expect((await agent.send('PUT', ticketPath(0), { ticket: update })).status).toBe(200);
    const refused = await agent.send('PUT', ticketPath(0), { ticket: { ...update, priority: 'low' } });
    expect([refused.status, refused.body['error']]).toEqual([409, 'UpdateConflict']);
    expect(ticketOf(await agent.send('GET', ticketPath(0)))['priority']).toBe('urgent');
    const tags = await agent.send('PUT', `${ticketPath(0)}/tags`, { tags: ['neu'] });
    expect([tags.status, tags.body['tags']]).toEqual([200, expect.arrayContaining(['neu'])]);
    expect((await agent.send('DELETE', `${ticketPath(0)}/tags`, { tags: ['neu'] })).body['tags']).not.toContain('neu');
  });

  it('is updated thirty times in ten minutes by one agent, and deleted by admins', async () => {
    for (let at = 0; at < 30; at += 1)
      expect((await agent.send('PUT', ticketPath(1), { ticket: { external_id: `n${at}` } })).status).toBe(200);
    const refused = await agent.send('PUT', ticketPath(1), { ticket: { external_id: 'n30' } });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await admin.send('PUT', ticketPath(1), { ticket: { external_id: 'n30' } })).status).toBe(200);
    expect((await agent.send('DELETE', ticketPath(1))).status).toBe(403);
    expect((await admin.send('DELETE', ticketPath(1))).status).toBe(204);
    expect((await admin.send('GET', ticketPath(1))).status).toBe(404);
  });
});

describe('organizations and users', () => {
  it('are created or updated by external id, and unique', async () => {
    const organization = {
      name: ' Werk Süd ',
      external_id: 'gantry-7',
      organization_fields: { premium_support: true, kunde_seit: '2026-02-03' },
    };
    const made = await admin.send('POST', 'organizations/create_or_update', { organization });
    const again = await admin.send('POST', 'organizations/create_or_update', {
      organization: { external_id: 'GANTRY-7', details: 'neu' },
    });
    expect([made.status, again.status]).toEqual([201, 200]);
    const [before, after] = [made, again].map(({ body }) => body['organization'] as Json);
    expect(after).toMatchObject({ id: before?.['id'], name: 'Werk Süd', details: 'neu' });
    expect(before?.['organization_fields']).toMatchObject({
      kunde_seit: '2026-02-03T00:00:00+00:00',
      premium_support: true,
    });
    const twin = await admin.send('POST', 'organizations', { organization: { name: 'werk süd' } });
    expect(details(twin)).toEqual({ name: [{ description: 'Name: has already been taken', error: 'DuplicateValue' }] });
    expect((await agent.send('POST', 'organizations', { organization: { name: 'Neu' } })).status).toBe(403);
    const path = `organizations/${String(before?.['id'])}`;
    expect((await agent.send('PUT', path, { organization: { notes: 'von mir' } })).status).toBe(200);
    expect((await agent.send('PUT', path, { organization: { details: 'von mir' } })).status).toBe(403);
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.send('GET', path)).status).toBe(404);
  });

  it('keep their first address, are found by it, and get a mail to prove it', async () => {
    const seq = await lastSeq(sandbox);
    const user = { name: 'Ida', email: 'ida@werk.example', external_id: 'u-1', user_fields: { zufriedenheit: 4.5 } };
    const made = await admin.send('POST', 'users/create_or_update', { user });
    expect([made.status, (made.body['user'] as Json)['user_fields']]).toEqual([
      201,
      expect.objectContaining({ zufriedenheit: 4.5 }),
    ]);
    const other = await admin.send('POST', 'users/create_or_update', {
      user: { email: 'IDA@werk.example', phone: '030' },
    });
    expect([other.status, (other.body['user'] as Json)['phone']]).toEqual([200, '030']);
    const path = `users/${String((made.body['user'] as Json)['id'])}`;
    const moved = await admin.send('PUT', path, { user: { email: 'ida@neu.example' } });
    expect((moved.body['user'] as Json)['email']).toBe('ida@werk.example');
    const twin = await admin.send('POST', 'users', {
      user: { name: '', email: 'ida@werk.example', external_id: 'U-1' },
    });
    expect(Object.keys(details(twin)).toSorted()).toEqual(['email', 'external_id', 'name']);
    const mails = (await effectsSince(sandbox, seq)).filter(({ op }) => op === 'send');
    expect(mails.map(({ id }) => id)).toEqual(['ida@werk.example']);
    expect(
      (await agent.send('PUT', `users/${sandbox.health.users[0]?.id ?? ''}`, { user: { name: 'Ich' } })).status,
    ).toBe(403);
    const gone = await admin.send('DELETE', path);
    expect([gone.status, (gone.body['user'] as Json)['active']]).toEqual([200, false]);
  });
});

describe('jobs', () => {
  it('do what can be done, say by index what could not, and reach the ledger when it happens', async () => {
    const seq = await lastSeq(sandbox);
    const tickets = Array.from({ length: 23 }, (_empty, at) =>
      at % 7 === 3
        ? { subject: `ohne ${at}` }
        : { subject: `mit ${at}`, comment: { body: 'b' }, external_id: `job-${at}` },
    );
    const job = await agent.job('POST', 'tickets/create_many', { tickets });
    expect(job).toMatchObject({
      status: 'completed',
      total: 23,
      progress: 23,
      message: expect.stringMatching(/^Completed at/) as string,
    });
    const results = job['results'] as readonly Json[];
    expect(results.map(({ index }) => index)).toEqual(tickets.map((_ticket, at) => at));
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed.map(({ index, error, details: why }) => [index, error, why])).toEqual(
      [3, 10, 17].map((at) => [at, 'TicketCreateFailed', 'Description: cannot be blank']),
    );
    const made = (await effectsSince(sandbox, seq)).filter(({ object, op }) => object === 'tickets' && op === 'create');
    expect(made.every(({ kind }) => kind === 'background')).toBe(true);
    expect(made.map(({ marker }) => marker)).toEqual(tickets.flatMap(({ external_id: id }) => id ?? []));
    expect(made.map(({ id }) => Number(id))).toEqual(
      results.filter(({ error }) => error === undefined).map(({ id }) => id),
    );

    const all = await agent.job('POST', 'tickets/create_many', { tickets: [{ subject: 'leer' }] });
    expect(all).toMatchObject({ status: 'failed', message: expect.stringMatching(/^Failed at/) as string });
  });

  it('change many in one way or each in its own, and delete', async () => {
    const same = await agent.job('PUT', `tickets/update_many?ids=${nth(2)},${nth(3)},999999`, {
      ticket: { additional_tags: ['alle'] },
    });
    expect((same['results'] as readonly Json[]).map(({ id, success, error }) => [id, success, error])).toEqual([
      [nth(2), true, undefined],
      [nth(3), true, undefined],
      [999_999, false, 'RecordNotFound'],
    ]);
    expect(ticketOf(await agent.send('GET', ticketPath(3)))['tags']).toContain('alle');
    const stamp = String(ticketOf(await agent.send('GET', ticketPath(2)))['updated_at']);
    const each = await agent.job('PUT', 'tickets/update_many', {
      tickets: [
        { id: nth(2), priority: 'low', safe_update: true, updated_stamp: stamp },
        { id: nth(3), priority: 'high', safe_update: true, updated_stamp: '2020-01-01T00:00:00Z' },
      ],
    });
    expect((each['results'] as readonly Json[]).map(({ id, error }) => [id, error])).toEqual([
      [nth(2), undefined],
      [nth(3), 'UpdateConflict'],
    ]);
    await admin.job('DELETE', `tickets/destroy_many?ids=${nth(4)},${nth(5)}`);
    expect((await agent.send('GET', `tickets/show_many?ids=${nth(3)},${nth(4)},${nth(5)}`)).body['count']).toBe(1);
    const users = [
      { name: 'A', email: 'a@viele.example' },
      { name: 'B', email: 'kein-at' },
      { email: 'a@viele.example', phone: '1' },
    ];
    const people = await admin.job('POST', 'users/create_or_update_many', { users });
    expect(
      (people['results'] as readonly Json[]).map(({ index, status, error, id }) => [
        index,
        status,
        error ?? null,
        error === undefined ? null : id,
      ]),
    ).toEqual([
      [0, 'Created', null, null],
      [1, 'Failed', 'UserCreateError', 1],
      [2, 'Updated', null, null],
    ]);
  });

  it('are refused beyond a hundred records and thirty jobs, and go on when they are let go', async () => {
    const tickets = Array.from({ length: 101 }, () => ({ comment: { body: 'x' } }));
    expect((await agent.send('POST', 'tickets/create_many', { tickets })).status).toBe(400);
    await sandbox.control('POST', 'jobs', { held: true });
    const urls: string[] = [];
    for (let at = 0; at < 30; at += 1) {
      const { body } = await agent.send('PUT', `tickets/update_many?ids=${nth(6)}`, {
        ticket: { external_id: `h${at}` },
      });
      urls.push(String((body['job_status'] as Json)['url']));
    }
    const refused = await agent.send('PUT', `tickets/update_many?ids=${nth(6)}`, { ticket: { external_id: 'h30' } });
    expect([refused.status, refused.body['error']]).toEqual([429, 'TooManyJobs']);
    expect(ticketOf(await agent.send('GET', ticketPath(6)))['external_id']).toBeNull();
    await sandbox.control('POST', 'jobs', { held: false });
    for (const url of urls) expect((await ended(agent.send, url))['status']).toBe('completed');
    await sandbox.control('POST', 'clock', { advanceMs: 3_600_000 });
    agent = await writerFor(sandbox, {
      user: sandbox.health.users.find(({ id }) => id === String(agentId)) ?? adminOf(sandbox),
    });
    admin = await writerFor(sandbox);
    expect((await agent.send('GET', new URL(urls[0] ?? '').pathname.replace('/api/v2/', ''))).status).toBe(404);
  });

  it('go through every state of their table, and through no other', () => {
    const cells = Object.entries(JOB_TABLE).flatMap(([state, row]) =>
      Object.entries(row).map(([event, next]: [string, JobState | null]) => ({
        state: state as JobState,
        event: event as JobEvent,
        next,
      })),
    );
    for (const { state, event, next } of cells) {
      if (next === null) expect(() => nextJobState(state, event)).toThrow(event);
      else expect(nextJobState(state, event)).toBe(next);
    }
    expect(cells.flatMap(({ state, event, next }) => (next === null ? [] : [`${state} ${event} ${next}`]))).toEqual([
      'queued start working',
      'working end completed',
      'working end_empty failed',
    ]);
  });
});

describe('faults', () => {
  it('refuse single records on demand, in calls and in jobs', async () => {
    await sandbox.control('POST', 'fail', {
      object: 'tickets',
      ids: [String(nth(7))],
      error: 'DatabaseConflict',
      times: 1,
    });
    const refused = await agent.send('PUT', ticketPath(7), { ticket: { priority: 'low' } });
    expect([refused.status, refused.body['error']]).toEqual([409, 'DatabaseConflict']);
    await sandbox.control('POST', 'fail', {
      object: 'tickets',
      op: 'update',
      share: 0.4,
      seed: 5,
      error: 'RecordInvalid',
    });
    const ids = open.slice(10, 50);
    const job = await agent.job('PUT', `tickets/update_many?ids=${ids.join(',')}`, {
      ticket: { external_id: 'share' },
    });
    await sandbox.control('DELETE', 'fail');
    const results = job['results'] as readonly Json[];
    const failed = results.filter(({ error }) => error === 'TicketUpdateFailed').map(({ id }) => Number(id));
    expect(failed.length).toBeGreaterThan(5);
    expect(failed.length).toBeLessThan(35);
    const left = rows(await agent.send('GET', `tickets/show_many?ids=${ids.join(',')}`), 'tickets');
    expect(idsOf(left.filter((each) => each['external_id'] !== 'share'))).toEqual(failed);
  });

  it('lose the answer of a write that took effect', async () => {
    const seq = await lastSeq(sandbox);
    const rule = { match: { method: 'POST', path: '/api/v2/tickets' }, action: { reset: true, applied: true } };
    await sandbox.control('POST', 'faults', rule);
    const body = { ticket: { subject: 'verloren', comment: { body: 'x' } } };
    const key = { 'idempotency-key': 'lost-1' };
    await expect(agent.send('POST', 'tickets', body, key)).rejects.toThrow('fetch failed');
    const again = await agent.send('POST', 'tickets', body, key);
    expect(again.headers.get('x-idempotency-lookup')).toBe('hit');
    const made = (await effectsSince(sandbox, seq)).filter(({ op, object }) => op === 'create' && object === 'tickets');
    expect(made.map(({ marker }) => marker)).toEqual(['lost-1']);
  });
});

describe('rights and reading back', () => {
  it('without the scope nothing is written; what an agent does not see does not exist', async () => {
    const reader = await writerFor(sandbox, { scope: 'read' });
    expect((await reader.send('PUT', ticketPath(0), { ticket: { priority: 'low' } })).status).toBe(403);
    const narrow = await writerFor(sandbox, { scope: 'read tickets:write' });
    expect((await narrow.send('PUT', ticketPath(0), { ticket: { priority: 'low' } })).status).toBe(200);
    expect((await narrow.send('POST', 'users', { user: { name: 'X' } })).status).toBe(403);
    await sandbox.control('POST', 'sharing', { user: String(agentId), restriction: 'assigned' });
    const path = ticketPath(8);
    expect((await agent.send('PUT', path, { ticket: { priority: 'low' } })).status).toBe(404);
    await sandbox.control('POST', 'sharing', { user: String(agentId), restriction: null });
    expect((await agent.send('PUT', path, { ticket: { priority: 'low' } })).status).toBe(200);
  });

  it('a change is exported like any other', async () => {
    await admin.send('PUT', ticketPath(0), { ticket: { subject: 'exportiert' } });
    await sandbox.control('POST', 'clock', { advanceMs: 120_000 });
    const answer = await admin.send('GET', `incremental/tickets/cursor?start_time=${ANCHOR_S + 600}`);
    expect(rows(answer, 'tickets').find(({ id }) => id === nth(0))?.['subject']).toBe('exportiert');
  });

  it("node-zendesk's calls are understood", async () => {
    const zendesk = createClient({ endpointUri: `${sandbox.url}/api/v2`, useOAuth: true, token: admin.token });
    const { result: ticket } = await zendesk.tickets.create({ ticket: { subject: 'nz', comment: { body: 'x' } } });
    const { result: updated } = await zendesk.tickets.update(ticket.id, { ticket: { priority: 'high' } });
    expect(updated).toMatchObject({ id: ticket.id, priority: 'high' });
    const { result: job } = (await zendesk.organizations.createMany({
      organizations: [{ name: 'NZ 1' }, { name: 'NZ 2' }],
    } as never)) as unknown as {
      result: { job_status: { url: string } };
    };
    const done = await ended(admin.send, job.job_status.url);
    expect((done['results'] as readonly Json[]).length).toBe(2);
    const many = await zendesk.tickets.updateMany([ticket.id], { ticket: { priority: 'low' } });
    expect(many).toBeDefined();
    await zendesk.tickets.delete(ticket.id);
    await expect(zendesk.tickets.show(ticket.id)).rejects.toThrow('Item not found');
    await expect(zendesk.users.create({ name: '' })).rejects.toThrow();
  });
});
