import { describe, expect, it } from 'vitest';
import { createWorld, parseSalesforceId, type World } from '../../sandbox/world/index.ts';
import { ANCHOR, connect, eventsPath, readAll, startCalendars, type Json } from './client.ts';

type Company = 'acme' | 'globex';

/** Everything that the admin can read, once per id, at least from one calendar. */
async function eventsOf(company: Company, scale: number): Promise<ReadonlyMap<string, Json>> {
  const sandbox = await startCalendars({ company, scale });
  try {
    const client = await connect(sandbox);
    const { items: calendars } = await readAll(client, 'users/me/calendarList', { minAccessRole: 'reader' });
    const found = new Map<string, Json>();
    for (const { id } of calendars)
      for (const event of (await readAll(client, eventsPath(String(id)), { maxResults: '2500' })).items)
        found.set(String(event['id']), event);
    return found;
  } finally {
    await sandbox.stop();
  }
}

const worldOf = (company: Company, scale: number): World =>
  createWorld({ seed: 1, scale, anchor: new Date(ANCHOR), company });

const crmIdOf = (event: Json): string | undefined =>
  (event['extendedProperties'] as { shared?: { crm_event_id?: string } } | undefined)?.shared?.crm_event_id;

/** Guests from outside, by the domain of their address. */
function guestDomains(event: Json, own: string): readonly string[] {
  const attendees = (event['attendees'] ?? []) as readonly { email: string; resource?: boolean }[];
  return attendees
    .filter(({ resource }) => resource !== true)
    .map(({ email }) => email.split('@')[1] ?? '')
    .filter((domain) => domain !== own);
}

const startMs = (event: Json): number => Date.parse((event['start'] as { dateTime: string }).dateTime);

describe('the calendars of acme', () => {
  it('hold four of five events of the CRM under its id, at the same time, and calls that only they know', async () => {
    const world = worldOf('acme', 20_000);
    const events = [...(await eventsOf('acme', 20_000)).values()];
    const linked = events.flatMap((event) => {
      const index = parseSalesforceId(crmIdOf(event) ?? '')?.index;
      return index === undefined ? [] : [{ event, meeting: world.meeting(index) }];
    });
    const share = linked.length / world.counts.meetings;
    expect(share).toBeGreaterThan(0.75);
    expect(share).toBeLessThan(0.85);
    for (const { event, meeting } of linked) {
      expect(event['summary']).toBe(meeting.subject);
      expect(startMs(event)).toBe(meeting.startsAt.getTime());
      if (meeting.contact === null) continue;
      const domain = world.account(meeting.account).domain;
      expect(guestDomains(event, world.company.domain)).toContain(domain);
    }
    const calls = events.filter(
      (event) => crmIdOf(event) === undefined && guestDomains(event, world.company.domain).length > 0,
    );
    expect(calls.length).toBeGreaterThan(linked.length / 10);
    expect(calls.some((event) => !String(event['iCalUID']).endsWith('@google.com'))).toBe(true);
    expect(calls.filter((event) => /qbr|quartal|quarter/i.test(String(event['summary'])))).toEqual([]);
  });
});

describe('the calendars of globex', () => {
  it('hold every meeting; titles tell reviews, and the domain of a guest the account', async () => {
    const world = worldOf('globex', 20_000);
    const domains = new Map(
      Array.from({ length: world.counts.accounts }, (_empty, index) => [world.account(index).domain, index]),
    );
    const events = [...(await eventsOf('globex', 20_000)).values()];
    expect(events.every((event) => crmIdOf(event) === undefined)).toBe(true);
    const reviews = events.filter((event) => /qbr/i.test(String(event['summary'])));
    const expected = Array.from({ length: world.counts.meetings }, (_empty, index) => world.meeting(index))
      .filter(({ kind }) => kind === 'QBR')
      .map((meeting) => `${meeting.account} at ${meeting.startsAt.getTime()}`);
    const told = reviews.map((event) => {
      const [domain = ''] = guestDomains(event, world.company.domain);
      return `${String(domains.get(domain))} at ${startMs(event)}`;
    });
    expect(told.toSorted()).toEqual(expected.toSorted());
    const spellings = new Set(reviews.map((event) => String(event['summary']).replace(/^(\W*qbr\W*).*$/is, '$1')));
    expect(spellings.size).toBeGreaterThan(3);
  });

  it('are the same for the same seed, and others than acme’s', async () => {
    const [once, again, other] = [
      await eventsOf('globex', 2_000),
      await eventsOf('globex', 2_000),
      await eventsOf('acme', 2_000),
    ];
    expect([...again]).toEqual([...once]);
    expect([...other.keys()].filter((id) => once.has(id))).toEqual([]);
  });
});
