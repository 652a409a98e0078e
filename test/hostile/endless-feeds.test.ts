import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectorSession, Cursor, RecordPage } from '../../src/connectors/index.ts';
import { limits, type JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { json, raw, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';
import { ways } from './ways.ts';

/** Providers whose feeds lead nowhere: in a circle, back, or on and on with nothing in them. */
let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function sessionAt(
  way: keyof typeof ways,
  answer: Answer,
  context: Readonly<Record<string, string>> = {},
): Promise<ConnectorSession> {
  server = await scriptServer(answer);
  const token = { accessToken: 't', generation: 1, context };
  const access = { apiUrl: server.url, token: async () => token, renew: async () => token };
  const known = ways[way];
  if (known === undefined) throw new Error(`no way ${way}`);
  return known.connector().open(access);
}

function objectOf(name: string, names: readonly string[]): NativeObject {
  const fields = names.map((field) => ({
    name: field,
    label: field,
    type: 'string' as const,
    nativeType: 'string',
    nullable: true,
    custom: false,
    writable: false,
  }));
  return { name, label: name, custom: false, idField: 'id', linkTemplate: null, fields };
}

interface Outcome {
  readonly pages: readonly RecordPage[];
  readonly error: unknown;
}

/** Reads on, with each cursor as the store would give it back, until the connector has had enough. */
async function readOn(session: ConnectorSession, object: NativeObject, cursor: Cursor | null = null): Promise<Outcome> {
  const pages: RecordPage[] = [];
  let at = cursor;
  while (pages.length < 2_000) {
    try {
      const page: RecordPage = await session.readPage({ object, cursor: at });
      pages.push(page);
      if (!page.more) return { pages, error: null };
      at = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
    } catch (error) {
      return { pages, error };
    }
  }
  throw new Error('the connector reads for ever');
}

const malformed = { code: 'upstream_malformed', details: { where: expect.any(String) as string } };

/** Counts the calls, and answers each by its number and its query. */
const each = (answer: (n: number, query: URLSearchParams, body: string) => unknown): Answer => {
  let n = 0;
  return (request, response, body) => {
    const query = new URL(request.url ?? '', 'http://provider').searchParams;
    json(answer(n, query, body))(request, response, body);
    n += 1;
  };
};

const tickets = objectOf('tickets', ['id', 'subject']);
const ticketsPage = (records: readonly unknown[], next: string | null, more = true): unknown => ({
  tickets: records,
  after_cursor: next,
  end_of_stream: !more,
});

describe('a feed by cursor', () => {
  it.each([2, 3, 7, 40])('does not go round a circle of %i cursors for ever', async (length) => {
    const session = await sessionAt(
      'zendesk',
      each((n) => ticketsPage([{ id: n + 1, subject: 'a' }], `c${String(n % length)}`)),
    );
    const { pages, error } = await readOn(session, tickets);
    expect(error).toMatchObject(malformed);
    expect(pages.length).toBeLessThan(4 * length + 4);
  });

  it('finds a circle that begins late', async () => {
    const session = await sessionAt(
      'zendesk',
      each((n) => ticketsPage([{ id: n + 1 }], `c${String(n < 50 ? n : 50 + (n % 5))}`)),
    );
    const { pages, error } = await readOn(session, tickets);
    expect(error).toMatchObject(malformed);
    expect(pages.length).toBeLessThan(200);
  });

  it('takes a long feed without a circle for what it is', async () => {
    const session = await sessionAt(
      'zendesk',
      each((n) => ticketsPage([{ id: n + 1 }], `c${String(n)}`, n < 300)),
    );
    const { pages, error } = await readOn(session, tickets);
    expect(error).toBeNull();
    expect(pages).toHaveLength(301);
    // What was remembered on the way is not carried on after the end.
    expect(pages.at(-1)?.cursor).toMatchObject({ at: 'c300', seen: [] });
  });

  it('lets some answers be empty, but not all of them', async () => {
    const some = await sessionAt(
      'zendesk',
      each((n) => ticketsPage(n % 50 === 49 ? [{ id: n }] : [], `c${String(n)}`, n < 250)),
    );
    expect((await readOn(some, tickets)).error).toBeNull();
    await server?.stop();
    const none = await sessionAt(
      'zendesk',
      each((n) => ticketsPage([], `c${String(n)}`)),
    );
    const { pages, error } = await readOn(none, tickets);
    expect(error).toMatchObject(malformed);
    expect(pages).toHaveLength(limits.emptyPagesMax);
  });

  it.each(['c\u0000', 'c\ud800', 'ü', 'c\r\nhost: evil'])(
    'stores no cursor that could not be sent back: %j',
    async (next) => {
      const session = await sessionAt('zendesk', json(ticketsPage([{ id: 1 }], next)));
      expect((await readOn(session, tickets)).error).toMatchObject(malformed);
    },
  );

  it('asks nobody but the account itself, whatever link comes with the page', async () => {
    const stranger = await scriptServer(json({}));
    const links = {
      next_page: `${stranger.url}/next`,
      after_url: `${stranger.url}/after`,
      nextRecordsUrl: stranger.url,
    };
    const session = await sessionAt(
      'zendesk',
      each((n) => ({ ...(ticketsPage([{ id: n + 1 }], `c${String(n)}`, n < 2) as object), ...links })),
    );
    expect((await readOn(session, tickets)).pages).toHaveLength(3);
    expect(stranger.requests).toEqual([]);
    await stranger.stop();
  });
});

describe('a feed by time', () => {
  const organizations = objectOf('organizations', ['id']);
  const from = (at: string): Cursor => ({ at, seen: [] });
  const page = (end: unknown): Answer => json({ organizations: [{ id: 1 }], end_time: end, end_of_stream: false });
  const now = Math.floor(Date.now() / 1_000);

  it.each([
    ['goes back', now - 5_000],
    ['leaps ahead of all calendars', now + 3 * 86_400],
    ['leaps beyond all dates', 1e300],
    ['is negative', -1],
    ['is no whole second', now + 0.5],
    ['is a word', 'tomorrow'],
  ])('is not followed where it %s', async (_, end) => {
    const session = await sessionAt('zendesk', page(end));
    expect((await readOn(session, organizations, from(String(now - 1_000)))).error).toMatchObject(malformed);
  });
});

const events = objectOf('events', ['key', 'summary']);
const calendars = objectOf('calendars', ['id', 'summary']);
const oneCalendar = { items: [{ id: 'a@b.example', accessRole: 'owner', primary: true }], nextSyncToken: 's' };

describe('Google Calendar', () => {
  const answering = (list: (query: URLSearchParams) => unknown, pages: (query: URLSearchParams) => unknown): Answer => {
    return (request, response, body) => {
      const url = new URL(request.url ?? '', 'http://provider');
      json(url.pathname.endsWith('/calendarList') ? list(url.searchParams) : pages(url.searchParams))(
        request,
        response,
        body,
      );
    };
  };

  it.each([1, 2, 9])('does not go round a circle of %i page tokens for ever', async (length) => {
    let n = 0;
    const session = await sessionAt(
      'calendar',
      answering(
        () => oneCalendar,
        () => {
          n += 1;
          return { items: [{ id: `e${String(n)}` }], nextPageToken: `p${String(n % length)}` };
        },
      ),
    );
    const { pages, error } = await readOn(session, events);
    expect(error).toMatchObject({ code: 'upstream_malformed' });
    expect(pages.length).toBeLessThan(4 * length + 4);
  });

  it('gives up on pages without events that never end', async () => {
    let n = 0;
    const session = await sessionAt(
      'calendar',
      answering(
        () => oneCalendar,
        () => {
          n += 1;
          return { items: [], nextPageToken: `p${String(n)}` };
        },
      ),
    );
    expect((await readOn(session, events)).error).toMatchObject(malformed);
    expect(n).toBeLessThanOrEqual(limits.emptyPagesMax + 1);
  });

  it('gives up on a list of calendars that never ends', async () => {
    let n = 0;
    const session = await sessionAt(
      'calendar',
      answering(
        () => {
          n += 1;
          const items = Array.from({ length: 250 }, (_, at) => ({ id: `c${String(n * 1_000 + at)}@b.example` }));
          return { items, nextPageToken: `p${String(n)}` };
        },
        () => ({ items: [], nextSyncToken: 's' }),
      ),
    );
    expect((await readOn(session, events)).error).toMatchObject({ code: 'upstream_too_large' });
    expect(n).toBeLessThanOrEqual(limits.calendarsMax / 250 + 1);
  });

  it('goes round no circle of calendar pages either', async () => {
    const session = await sessionAt(
      'calendar',
      answering(
        (query) => ({ items: [{ id: 'a' }], nextPageToken: query.get('pageToken') === 'x' ? 'y' : 'x' }),
        () => ({}),
      ),
    );
    expect((await readOn(session, calendars)).error).toMatchObject(malformed);
  });

  it('begins a trail of its own in each calendar', async () => {
    const two = { items: [{ id: 'a@b.example' }, { id: 'c@b.example' }], nextSyncToken: 's' };
    const session = await sessionAt(
      'calendar',
      answering(
        () => two,
        (query) =>
          query.get('pageToken') === null
            ? { items: [{ id: 'e1' }], nextPageToken: 'the-same' }
            : { items: [{ id: 'e2' }], nextSyncToken: 't' },
      ),
    );
    const { pages, error } = await readOn(session, events);
    expect(error).toBeNull();
    expect(pages).toHaveLength(4);
  });
});

describe('Salesforce', () => {
  const account = objectOf('Account', ['Id', 'SystemModstamp']);
  const row = (id: string, stamp: string): JsonObject => ({ Id: id, SystemModstamp: stamp });
  const early = '2026-01-01T00:00:00.000+0000';
  const late = '2026-01-02T00:00:00.000+0000';

  it('notices an answer that goes back behind the place that was asked for', async () => {
    const session = await sessionAt(
      'salesforce',
      each((n) => ({
        totalSize: 1,
        records: [n % 2 === 0 ? row('001B', late) : row('001A', early)],
        done: false,
      })),
    );
    const cursor = { by: 'SystemModstamp', after: { stamp: '2026-01-01T12:00:00.000Z', id: 'x' }, floor: null };
    const { pages, error } = await readOn(session, account, cursor);
    expect(error).toMatchObject({ code: 'upstream_malformed', message: expect.stringContaining('Account') as string });
    expect(pages).toHaveLength(1);
  });

  it('does not leave the org for the rest of its rules', async () => {
    const stranger = await scriptServer(json({}));
    const session = await sessionAt('salesforce', (request, response, body) => {
      const isDescribe = request.url?.includes('/describe') === true;
      json(
        isDescribe
          ? { name: 'Account', fields: [{ name: 'Id', type: 'id' }] }
          : { records: [], done: false, nextRecordsUrl: `${stranger.url}/services/data/v62.0/query/01g` },
      )(request, response, body);
    });
    expect((await session.describeObject('Account')).fields).toHaveLength(1);
    expect(stranger.requests).toEqual([]);
    await stranger.stop();
  });

  it('does not ask for rules for ever', async () => {
    let n = 0;
    const session = await sessionAt('salesforce', (request, response, body) => {
      n += 1;
      const isDescribe = request.url?.includes('/describe') === true;
      json(
        isDescribe
          ? { name: 'Account', fields: [{ name: 'Id', type: 'id' }] }
          : { records: [], nextRecordsUrl: '/services/data/v62.0/query/01g' },
      )(request, response, body);
    });
    await session.describeObject('Account');
    expect(n).toBeLessThanOrEqual(3 * limits.fieldListPagesMax + 1);
  });

  it.each([1, 2, 6])('goes round no circle of %i places in the results of a job', async (length) => {
    let n = 0;
    const session = await sessionAt('bulk', (request, response) => {
      if (request.url?.includes('/results') !== true) {
        json({ state: 'JobComplete' })(request, response, '');
        return;
      }
      n += 1;
      raw(`"Id","SystemModstamp"\n"00${String(n)}","${early}"\n`, 200, {
        'sforce-locator': `L${String(n % length)}`,
        'sforce-numberofrecords': '1',
      })(request, response, '');
    });
    const cursor = {
      by: 'bulk',
      job: '750',
      upTo: '2026-01-03T00:00:00.000Z',
      since: null,
      locator: null,
      looks: 0,
      spent: false,
    };
    const { pages, error } = await readOn(session, account, cursor);
    expect(error).toMatchObject(malformed);
    expect(pages.length).toBeLessThan(4 * length + 4);
  });

  it.each(['../../sobjects/Account/001', '750?x=1', '750#', '7 50'])('takes no job by the name of %j', async (id) => {
    const session = await sessionAt('bulk', (request, response, body) => {
      const isJob = request.method === 'POST';
      json(isJob ? { id } : { totalSize: 100_000, records: [row('001', early)], done: false })(request, response, body);
    });
    expect((await readOn(session, account)).error).toMatchObject(malformed);
  });
});

describe('Odoo', () => {
  const partner = objectOf('res.partner', ['id', 'write_date']);
  const facts = { dialect: 'json2', database: 'd', uid: '2', major: '19' };
  const rows = (count: number, first = 1, stamp = '2026-01-01 00:00:00'): JsonObject[] =>
    Array.from({ length: count }, (_, at) => ({ id: first + at, write_date: stamp }));
  const asked = (body: string): { domain: [string, string, unknown][]; limit: number } =>
    JSON.parse(body) as { domain: [string, string, unknown][]; limit: number };

  it.each<[string, (body: string) => unknown]>([
    ['the same page, whatever is asked', () => rows(1_000)],
    ['the same second, whatever is asked', (body) => rows(asked(body).limit, 5)],
    [
      'records without a stamp, whatever is asked',
      (body) => rows(asked(body).limit).map((row) => ({ ...row, write_date: false })),
    ],
    [
      'pages that go back',
      (body) => (asked(body).domain.length === 3 ? rows(1_000, 1, '2020-01-01 00:00:00') : rows(1_000)),
    ],
  ])('is asked no more when it answers %s', async (_, answer) => {
    const session = await sessionAt(
      'json2',
      each((_n, _query, body) => answer(body)),
      facts,
    );
    const { pages, error } = await readOn(session, partner);
    expect(error).toMatchObject(malformed);
    expect(pages.length).toBeLessThan(10);
  });

  it.each<[string, unknown[]]>([
    ['the ids before the place', [1, 2, 3]],
    ['ids in no order', [12, 11, 13]],
    ['an id twice', [11, 11]],
    ['an id that lost its digits', [2 ** 53]],
    ['words', ['11']],
  ])('has its list of ids refused when it holds %s', async (_, ids) => {
    const session = await sessionAt('json2', json(ids), facts);
    await expect(session.listIds?.(partner, '10')).rejects.toMatchObject({ code: 'upstream_malformed' });
  });

  it.each(['0000-01-01 00:00:00', '99999-01-01 00:00:00', 'yesterday', '2026-13-45 99:00:00', '2026-01-01\u0000'])(
    'has a page refused that is stamped %j: no later call could go on from there',
    async (stamp) => {
      const answer = json(rows(2, 1, stamp));
      const session = await sessionAt('json2', answer, facts);
      const cursor = {
        by: 'write_date',
        unstamped: null,
        from: '1990-01-01 00:00:00',
        after: null,
        floor: null,
        seen: [],
      };
      expect((await readOn(session, partner, cursor)).error).toMatchObject(malformed);
    },
  );
});
