import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type Connector,
  type ConnectorSession,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { json, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';
import { readAll } from './contract-suite.ts';

const BYTES_MAX = 20_000;

const connectorWith = (provider: string, responseBytesMax: number): Connector =>
  requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom, responseBytesMax }), provider);

const object = (name: string): NativeObject => ({
  name,
  label: name,
  custom: false,
  idField: 'id',
  linkTemplate: null,
  fields: [],
});

/** An export of records of such sizes; the cursor is the number of records passed, the time their second. */
function exportOf(sizes: readonly number[], secondOf: (index: number) => number = (index) => index + 1): Answer {
  return (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://provider');
    const byTime = pathname.includes('organizations');
    const start = Number(searchParams.get('start_time') ?? 0);
    const from = byTime
      ? sizes.findIndex((_, index) => secondOf(index) >= start)
      : Number(searchParams.get('cursor') ?? 0);
    const to = Math.min(sizes.length, from + Number(searchParams.get('per_page')));
    const records = sizes.slice(from, to).map((size, offset) => {
      const stamp = new Date(secondOf(from + offset) * 1_000).toISOString();
      return { id: from + offset + 1, updated_at: stamp, subject: 'x'.repeat(size) };
    });
    const end = { end_of_stream: to === sizes.length };
    json(
      byTime
        ? { organizations: records, end_time: secondOf(to - 1), ...end }
        : { tickets: records, after_cursor: String(to), ...end },
    )(request, response, body);
  };
}

describe('a page larger than one answer may be', () => {
  let server: ScriptServer | null = null;
  afterEach(async () => {
    await server?.stop();
    server = null;
  });
  async function sessionAt(answer: Answer): Promise<{ session: ConnectorSession; sizes: () => number[] }> {
    const started = await scriptServer(answer);
    server = started;
    const token = { accessToken: 't', generation: 1 };
    const access = { apiUrl: started.url, token: async () => token, renew: async () => token };
    return {
      session: connectorWith('zendesk', BYTES_MAX).open(access),
      sizes: () =>
        started.requests.map(({ url }) => Number(new URL(url, started.url).searchParams.get('per_page') ?? 0)),
    };
  }
  const idsOf = (records: readonly { readonly id: string }[]): number[] => records.map(({ id }) => Number(id));
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('is read in smaller pages, each record once, and grows back', async () => {
    const sizes = Array.from({ length: 300 }, (_, index) => (index === 100 ? 15_000 : 200));
    const { session, sizes: asked } = await sessionAt(exportOf(sizes));
    const { records } = await readAll(session, object('tickets'), null);
    expect(idsOf(records)).toEqual(upTo(300));
    expect(asked()[0]).toBe(1_000);
    expect(Math.min(...asked())).toBeLessThan(30);
    // Past the large record, pages are as large as they can be.
    expect(asked().at(-1)).toBeGreaterThan(50);
    expect(asked().length).toBeLessThan(40);
  });

  it('is read one by one where only one record fits', async () => {
    const { session } = await sessionAt(exportOf(Array.from({ length: 9 }, () => 15_000)));
    const { records } = await readAll(session, object('tickets'), null);
    expect(idsOf(records)).toEqual(upTo(9));
  });

  it('says of which object a record is that does not fit by itself, after all records before it', async () => {
    const { session } = await sessionAt(exportOf([200, 200, 200, 30_000, 200]));
    const seen: number[] = [];
    const error: unknown = await (async () => {
      let cursor = null;
      for (;;) {
        const page = await session.readPage({ object: object('tickets'), cursor });
        seen.push(...idsOf(page.records));
        ({ cursor } = page);
      }
    })().catch((reason: unknown) => reason);
    expect(seen).toEqual([1, 2, 3]);
    expect(error).toMatchObject({
      code: 'upstream_too_large',
      message: expect.stringContaining('"tickets"') as string,
      details: { data: { object: 'tickets', class: 'too_large' } },
    });
  });

  it('keeps pages by time larger than the records of one second', async () => {
    // Ten records share each second: pages of ten or fewer end where they began.
    const sizes = Array.from({ length: 120 }, () => 1_200);
    const { session } = await sessionAt(exportOf(sizes, (index) => Math.floor(index / 10) + 1));
    const { records } = await readAll(session, object('organizations'), null);
    expect([...new Set(idsOf(records))]).toEqual(upTo(120));
  });

  it('is an error by time, too, where one second does not fit', async () => {
    const { session } = await sessionAt(
      exportOf(
        Array.from({ length: 40 }, () => 1_200),
        () => 1,
      ),
    );
    await expect(
      session.readPage({ object: object('organizations'), cursor: { at: '1', seen: [] } }),
    ).rejects.toMatchObject({ code: 'upstream_too_large', details: { data: { object: 'organizations' } } });
  });
});

describe('large answers of Salesforce', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox('salesforce', { scale: 2_000, anchor: '2026-01-15T00:00:00.000Z' });
  });
  afterAll(() => sandbox.stop());

  it('are asked for again with fewer rows', async () => {
    const signedIn = await signIn(sandbox, connectorWith('salesforce', 64_000_000));
    const account = await connectorWith('salesforce', 64_000_000).open(signedIn.access).describeObject('Account');
    const whole = await readAll(connectorWith('salesforce', 64_000_000).open(signedIn.access), account, null);
    expect(whole.cursors).toHaveLength(1);
    const parts = await readAll(connectorWith('salesforce', 60_000).open(signedIn.access), account, null);
    expect(parts.cursors.length).toBeGreaterThan(2);
    expect(parts.records).toEqual(whole.records);
    expect(parts.cursors.at(-1)).toEqual(whole.cursors.at(-1));
    await expect(
      connectorWith('salesforce', 100).open(signedIn.access).readPage({ object: account, cursor: null }),
    ).rejects.toMatchObject({ code: 'upstream_too_large', details: { data: { object: 'Account' } } });
  });
});
