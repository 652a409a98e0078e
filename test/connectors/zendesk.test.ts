import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { connectorContract, readAll } from './contract-suite.ts';

const unhurried = { incrementalExclusionS: 0, incrementalPerMinute: 100_000, perMinute: 100_000 };

connectorContract({
  provider: 'zendesk',
  scale: 8_000,
  prepare: async (sandbox) => {
    await sandbox.control('POST', 'limits', unhurried);
  },
  objects: ['tickets', 'organizations', 'users'],
  main: {
    object: 'tickets',
    create: { subject: 'Neu', description: 'Ein neues Ticket', status: 'new' },
    update: { subject: 'Geändert' },
    field: 'subject',
    value: 'Geändert',
  },
  readPath: '/api/v2/incremental/tickets',
  cursorGone: { status: 400, body: { error: 'InvalidCursor', description: 'The cursor is not valid' } },
  tokenLifeMs: 3 * 3_600_000,
});

describe('zendesk: what a customised help desk adds', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'zendesk');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  beforeAll(async () => {
    sandbox = await startSandbox('zendesk', { scale: 2_000 });
    await sandbox.control('POST', 'limits', unhurried);
    session = connector.open((await signIn(sandbox, connector)).access);
  });
  afterAll(() => sandbox.stop());

  it('names custom ticket fields by number and labels them by title', async () => {
    const tickets = await session.describeObject('tickets');
    const custom = tickets.fields.filter((field) => field.custom);
    expect(custom.every((field) => /^custom_\d+$/.test(field.name))).toBe(true);
    const byLabel = (label: string): unknown => custom.find((field) => field.label === label);
    expect(byLabel('Produktbereich')).toMatchObject({ type: 'enum', nativeType: 'tagger' });
    expect(JSON.stringify(byLabel('Produktbereich'))).toContain('abrechnung');
    expect(byLabel('Umsatzrisiko EUR')).toMatchObject({ type: 'number' });
    expect(byLabel('Eskaliert')).toMatchObject({ type: 'boolean' });
    const labels = custom.map((field) => field.label);
    // Two fields share a title; both are there.
    expect(new Set(labels).size).toBeLessThan(labels.length);
    const { records } = await readAll(session, tickets, null);
    const area = custom.find((field) => field.label === 'Produktbereich')?.name ?? '';
    expect(records.filter((record) => typeof record.values[area] === 'string').length).toBeGreaterThan(100);
  });

  it('flattens organization and user fields by key', async () => {
    const organizations = await session.describeObject('organizations');
    expect(organizations.fields.map((field) => field.name)).toContain('organization_fields_kundennummer');
    const { records } = await readAll(session, organizations, null);
    expect(records[0]?.values['organization_fields_kundennummer']).toMatch(/^K-\d+$/);
  });

  it('reads the boundary second of a time-based export once, but not changes within it', async () => {
    const organizations = await session.describeObject('organizations');
    const first = await readAll(session, organizations, null);
    const again = await readAll(session, organizations, first.cursors.at(-1) ?? null);
    expect(again.records).toEqual([]);
    const id = first.records.at(-1)?.id ?? '';
    await sandbox.mutate({ op: 'update', object: 'organizations', id, fields: { notes: 'eins' } });
    const second = await readAll(session, organizations, again.cursors.at(-1) ?? null);
    expect(second.records.map((record) => record.values['notes'])).toEqual(['eins']);
    await sandbox.mutate({ op: 'update', object: 'organizations', id, fields: { notes: 'zwei' } });
    const third = await readAll(session, organizations, second.cursors.at(-1) ?? null);
    expect(third.records.map((record) => record.values['notes'])).toEqual(['zwei']);
  });

  it('takes "too recent" for "nothing new"', async () => {
    const organizations = await session.describeObject('organizations');
    const { cursors } = await readAll(session, organizations, null);
    const body = {
      error: 'InvalidValue',
      description: 'Too recent start_time. Use a start_time older than 60 seconds',
    };
    await sandbox.control('POST', 'faults', {
      match: { path: '/api/v2/incremental' },
      times: 1,
      action: { status: 422, body },
    });
    const page = await session.readPage({ object: organizations, cursor: cursors.at(-1) ?? null });
    expect(page).toMatchObject({ records: [], more: false, cursor: cursors.at(-1) });
  });

  it('says when the limit of incremental exports allows the next page', async () => {
    const own = await startSandbox('zendesk', { scale: 2_000 });
    try {
      const limited = connector.open((await signIn(own, connector)).access);
      const object = await limited.describeObject('organizations');
      for (let call = 0; call < 10; call += 1) await limited.readPage({ object, cursor: null });
      const error: unknown = await limited.readPage({ object, cursor: null }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'upstream_rate_limited', details: { retryAt: expect.any(Date) as Date } });
      await own.control('POST', 'clock', { advanceMs: 61_000 });
      expect((await limited.readPage({ object, cursor: null })).records.length).toBeGreaterThan(0);
    } finally {
      await own.stop();
    }
  });

  it('shows a deleted user as deleted', async () => {
    const users = await session.describeObject('users');
    const first = await readAll(session, users, null);
    const id = first.records.find((record) => record.values['role'] === 'end-user')?.id ?? '';
    await sandbox.control('POST', 'clock', { advanceMs: 2_000 });
    await sandbox.mutate({ op: 'delete', object: 'users', id });
    const { records } = await readAll(session, users, first.cursors.at(-1) ?? null);
    expect(records).toMatchObject([{ id, deleted: true, values: {} }]);
  });
});
