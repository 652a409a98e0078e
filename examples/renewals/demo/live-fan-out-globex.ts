import { callApi, inParallel, type LiveAnswer, type LiveApi } from './live-api.ts';

export interface GlobexApis {
  readonly erp: LiveApi;
  readonly desk: LiveApi;
  readonly calendar: LiveApi;
}

interface Renewal {
  readonly id: number;
  readonly x_name: string;
  readonly x_state: string | false;
  readonly x_amount: number;
  readonly x_partner_id: readonly [number, string];
  readonly x_currency_id: readonly [number, string];
}

interface CalendarEvent {
  readonly summary?: string;
  readonly organizer?: { readonly email: string; readonly self?: boolean };
  readonly attendees?: readonly { readonly email: string; readonly resource?: boolean }[];
  readonly start: { readonly dateTime?: string };
}

interface Counter {
  calls: number;
}

const DAY_MS = 86_400_000;
/** In the three languages that people write, however they write it. */
const CLOSED = /^\s*(gewonnen|won|vinto|verloren|lost|perso)\s*$/i;

/**
 * The question at the second customer, whose systems know nothing of each
 * other: renewals from Odoo, reviews by the titles in everybody's calendar,
 * tickets by the domains of the help desk's organizations.
 */
export async function liveFanOutAtGlobex({ erp, desk, calendar }: GlobexApis, now: Date): Promise<LiveAnswer> {
  const started = performance.now();
  const counter = { calls: 0 };
  const renewals = await odooRows<Renewal>(erp, counter, 'x_renewal', [
    ['x_name', 'x_state', 'x_amount', 'x_partner_id', 'x_currency_id'],
    [['x_active', '=', true]],
  ]);
  const open = renewals.filter(({ x_state: state }) => state !== false && !CLOSED.test(state));
  const domains = await domainsOfPartners(erp, counter, [...new Set(open.map((deal) => deal.x_partner_id[0]))]);
  const reviews = await lastReviewByDomain(calendar, counter);
  const before = now.getTime() - 90 * DAY_MS;
  const quiet = open.flatMap((deal) => {
    const domain = domains.get(deal.x_partner_id[0]) ?? '';
    const last = reviews.get(domain);
    return last !== undefined && last < before ? [{ deal, domain, last }] : [];
  });
  const tickets = await ticketsByDomain(desk, counter, new Set(quiet.map(({ domain }) => domain)));
  const deals = quiet
    .filter(({ domain }) => (tickets.get(domain) ?? 0) > 10)
    .map(({ deal, domain, last }) => ({
      id: String(deal.id),
      name: deal.x_name,
      amount: deal.x_currency_id[1] === 'EUR' ? deal.x_amount : null,
      tickets: tickets.get(domain) ?? 0,
      lastQbr: new Date(last).toISOString(),
    }));
  return { deals, calls: counter.calls, ms: performance.now() - started };
}

/** All rows of a model by Odoo's JSON-2 API. */
export function odooRows<Row>(
  erp: LiveApi,
  counter: Counter,
  model: string,
  [fields, domain, more = {}]: readonly [readonly string[], readonly unknown[], object?],
): Promise<Row[]> {
  return callApi<Row[]>(erp, counter, `/json/2/${model}/search_read`, { fields, domain, ...more });
}

async function domainsOfPartners(erp: LiveApi, counter: Counter, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await odooRows<{ id: number; website: string | false }>(erp, counter, 'res.partner', [
    ['website'],
    [['id', 'in', ids]],
    { context: { active_test: false } },
  ]);
  const found = rows.flatMap(({ id, website }) =>
    website === false ? [] : [[id, new URL(website).hostname.replace(/^www\./, '')] as const],
  );
  return new Map(found);
}

async function lastReviewByDomain(calendar: LiveApi, counter: Counter): Promise<Map<string, number>> {
  const { items } = await callApi<{ items: { id: string; accessRole: string }[] }>(
    calendar,
    counter,
    '/calendar/v3/users/me/calendarList?maxResults=250',
  );
  const last = new Map<string, number>();
  await inParallel(
    items.filter(({ accessRole }) => accessRole !== 'freeBusyReader'),
    async ({ id }) => {
      for (const { summary = '', organizer, attendees = [], start } of await eventsOf(calendar, counter, id)) {
        if (!/qbr/i.test(summary) || organizer?.self !== true || start.dateTime === undefined) continue;
        const own = organizer.email.split('@')[1];
        const guest = attendees.find(({ email, resource }) => resource !== true && email.split('@')[1] !== own);
        const domain = guest?.email.split('@')[1]?.toLowerCase();
        if (domain === undefined) continue;
        last.set(domain, Math.max(last.get(domain) ?? 0, Date.parse(start.dateTime)));
      }
    },
  );
  return last;
}

async function eventsOf(calendar: LiveApi, counter: Counter, id: string): Promise<CalendarEvent[]> {
  const events: CalendarEvent[] = [];
  let page: string | undefined = '';
  while (page !== undefined) {
    const answer: { items: CalendarEvent[]; nextPageToken?: string } = await callApi(
      calendar,
      counter,
      `/calendar/v3/calendars/${encodeURIComponent(id)}/events?maxResults=2500${page}`,
    );
    events.push(...answer.items);
    page = answer.nextPageToken === undefined ? undefined : `&pageToken=${encodeURIComponent(answer.nextPageToken)}`;
  }
  return events;
}

async function ticketsByDomain(
  desk: LiveApi,
  counter: Counter,
  wanted: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const organizations: { id: number; domain_names: string[] }[] = [];
  let path: string | null = '/api/v2/organizations.json?page%5Bsize%5D=100';
  while (path !== null) {
    const page: {
      organizations: { id: number; domain_names: string[] }[];
      meta: { has_more: boolean };
      links: { next: string | null };
    } = await callApi(desk, counter, path);
    organizations.push(...page.organizations);
    const next = page.meta.has_more ? page.links.next : null;
    path = next === null ? null : new URL(next).pathname + new URL(next).search;
  }
  const counts = new Map<string, number>();
  const asked = organizations.filter(({ domain_names: names }) => names.some((name) => wanted.has(name)));
  await inParallel(asked, async ({ id, domain_names: names }) => {
    const { count } = await callApi<{ count: { value: number } }>(
      desk,
      counter,
      `/api/v2/organizations/${String(id)}/tickets/count.json`,
    );
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + count.value);
  });
  return counts;
}
