import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type SessionWrites,
  type WriteItem,
  type WriteOperation,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { adminOf, signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { writeContract } from './write-suite.ts';

let calendar = '';

writeContract({
  provider: 'google_calendar',
  prepare: async (sandbox) => {
    calendar = adminOf(sandbox).username;
  },
  object: 'events',
  values: (n) => ({
    summary: `Termin ${n}`,
    calendarId: calendar,
    start_dateTime: '2026-09-01T08:00:00.000Z',
    end_dateTime: '2026-09-01T09:00:00.000Z',
    location: 'Raum 1',
  }),
  change: { location: 'Raum 2' },
  refused: { values: { summary: 'ohne Zeit' }, code: 'value_missing' },
  passing: null,
});

describe('google_calendar: what is written, and who is told', () => {
  const connector = requireConnector(
    connectorRegistry({ clock: systemClock, random: systemRandom }),
    'google_calendar',
  );
  let sandbox: TestSandbox;
  let writes: SessionWrites;
  let events: NativeObject;
  beforeAll(async () => {
    sandbox = await startSandbox('google_calendar', { scale: 2_000 });
    const session = connector.open((await signIn(sandbox, connector, undefined, connector.writeScopes)).access);
    if (session.writes === undefined) throw new Error('the session does not write');
    ({ writes } = session);
    events = await session.describeObject('events');
  });
  afterAll(() => sandbox.stop());

  const send = (operation: WriteOperation, given: Partial<WriteItem>) =>
    writes.send({
      object: events,
      operation,
      form: 'single',
      items: [{ key: 'event-1', recordId: null, values: {}, match: null, ifVersion: null, ...given }],
      beforeSend: async () => undefined,
      onJob: async () => undefined,
      job: null,
      signal: new AbortController().signal,
    });

  it('mails nobody, takes addresses as guests, and turns times into days', async () => {
    const mine = adminOf(sandbox).username;
    const [made] = await send('create', {
      values: {
        calendarId: mine,
        summary: 'Mit Gästen',
        start_dateTime: '2026-09-02T08:00:00.000Z',
        end_dateTime: '2026-09-02T09:00:00.000Z',
        attendees: ['gast@kunde.example'],
        extendedProperties_private: { quelle: 'gantry' },
      },
    });
    if (made?.kind !== 'applied') throw new Error(JSON.stringify(made));
    const { recordId } = made;
    const fields = ['attendees_email', 'extendedProperties_private', 'start_date', 'start_dateTime', 'allDay'];
    const [before] = await writes.readImages(events, [recordId], fields);
    expect(before?.values).toMatchObject({
      attendees_email: ['gast@kunde.example'],
      extendedProperties_private: { quelle: 'gantry' },
      allDay: false,
    });
    const days = { start_date: '2026-09-03', end_date: '2026-09-04' };
    expect(await send('update', { recordId, values: days })).toMatchObject([{ kind: 'applied' }]);
    const [after] = await writes.readImages(events, [recordId], fields);
    expect(after?.values).toMatchObject({ start_date: '2026-09-03', start_dateTime: null, allDay: true });
    await send('delete', { recordId });
    const { entries } = await sandbox.control<{ entries: { effects: { op: string }[] }[] }>(
      'GET',
      'ledger?limit=10000',
    );
    const ops = entries.flatMap(({ effects }) => effects.map(({ op }) => op));
    expect(ops.filter((op) => op === 'create')).toHaveLength(1);
    expect(ops).not.toContain('send');
  });

  it('says why calendars are not written, and refuses what it cannot address', async () => {
    expect(await send('create', { values: { summary: 'wohin?' } })).toMatchObject([
      { kind: 'refused', refusal: { code: 'value_missing', fields: ['calendarId'] } },
    ]);
    expect(await send('update', { recordId: 'ohne-kalender', values: { summary: 'x' } })).toMatchObject([
      { kind: 'refused', refusal: { code: 'record_missing' } },
    ]);
    await expect(writes.findBy(events, 'summary', ['x'])).rejects.toMatchObject({ code: 'upstream_refused' });
  });
});
