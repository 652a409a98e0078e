import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { ANCHOR, connect, exportAll, rows, startHelpDesk, unlimited, type Json, type ZendeskClient } from './client.ts';

const NINETY_DAYS_MS = 90 * 86_400_000;

interface HelpDesk {
  readonly tickets: readonly Json[];
  readonly organizations: ReadonlyMap<unknown, Json>;
  readonly users: ReadonlyMap<unknown, Json>;
}

async function exported(client: ZendeskClient): Promise<HelpDesk> {
  const all = async (object: string, path: string) =>
    (await exportAll(client, object, `/api/v2/incremental/${path}.json?start_time=0`)).records;
  const byId = (records: readonly Json[]) => new Map(records.map((record) => [record['id'], record]));
  const organizations: Json[] = [];
  for (let url: string | null = '/api/v2/organizations.json?per_page=100'; url !== null;) {
    const answer = await client.get(url);
    organizations.push(...rows(answer, 'organizations'));
    url = answer.body['next_page'] as string | null;
  }
  return {
    tickets: await all('tickets', 'tickets/cursor'),
    organizations: byId(organizations),
    users: byId(await all('users', 'users/cursor')),
  };
}

const worldAt = (scale: number): World => createWorld({ seed: 1, scale, anchor: new Date(ANCHOR), company: 'globex' });

describe('the help desk of globex', () => {
  const scale = 20_000;
  const world = worldAt(scale);
  let sandbox: TestSandbox;
  let client: ZendeskClient;
  let desk: HelpDesk;
  beforeAll(async () => {
    sandbox = await startHelpDesk({ company: 'globex', scale });
    await unlimited(sandbox);
    client = await connect(sandbox);
    desk = await exported(client);
  });
  afterAll(() => sandbox.stop());

  it('knows accounts by their domain alone', () => {
    expect(desk.organizations.size).toBe(world.counts.accounts);
    const keys = new Set<string>();
    for (const organization of desk.organizations.values()) {
      expect(organization['external_id']).toBeNull();
      for (const key of Object.keys(organization['organization_fields'] as Json)) keys.add(key);
      const [domain] = organization['domain_names'] as readonly string[];
      expect(domain).toMatch(/\.example$/);
    }
    expect([...keys]).toEqual(['livello_servizio', 'referente', 'macchine']);
    const domains = [...desk.organizations.values()].flatMap(({ domain_names: names }) => names as readonly string[]);
    expect(new Set(domains).size).toBe(domains.length);
    expect(domains.length).toBeGreaterThan(desk.organizations.size);
    for (let index = 0; index < world.counts.accounts; index += 1)
      expect(domains).toContain(world.account(index).domain);
  });

  it('has requesters whose addresses lie in the domain of their organization', () => {
    for (const ticket of desk.tickets) {
      const organization = desk.organizations.get(ticket['organization_id']) ?? {};
      const requester = desk.users.get(ticket['requester_id']) ?? {};
      const [, domain] = String(requester['email']).split('@');
      expect(organization['domain_names']).toContain(domain);
    }
  });

  it('has fields of its own and no contract number, and texts in Italian and English', async () => {
    const answer = await client.get('/api/v2/ticket_fields.json');
    const titles = rows(answer, 'ticket_fields').map(({ title }) => title);
    expect(titles).toContain('Numero di matricola');
    expect(titles).toContain('Oggetto');
    expect(titles.filter((title) => /vertrag|contratt|kunden/i.test(String(title)))).toEqual([]);
    const values = JSON.stringify(desk.tickets.map((ticket) => ticket['custom_fields']));
    expect(values).not.toMatch(/V-\d{6}|K-\d{6}/);
    const first = desk.tickets.map(({ description }) => String(description).split(/\W/)[0]);
    expect(first).toContain('Buongiorno');
    expect(first).toContain('Hello');
    expect(first).not.toContain('Guten');
    expect((await client.get('/api/v2/account.json')).body['account']).toMatchObject({
      name: 'Globex Impianti',
      subdomain: 'globex-1',
    });
    expect((await client.get('/api/v2/users/me.json')).body['user']).toMatchObject({ locale: 'it' });
  });

  it('leaves the renewal question with an answer for whoever joins by domain', () => {
    const counts = new Map<string, number>();
    for (const ticket of desk.tickets) {
      const [, domain = ''] = String(desk.users.get(ticket['requester_id'])?.['email']).split('@');
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
    expect(neglectedDomains(world).filter((domain) => (counts.get(domain) ?? 0) > 10).length).toBeGreaterThanOrEqual(
      10,
    );
  });
});

describe('the smallest worlds of globex', () => {
  it('have accounts that ought to be looked at, too', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const world = createWorld({ seed, scale: 2_000, anchor: new Date(ANCHOR), company: 'globex' });
      const busy = neglectedAccounts(world).filter((index) => world.childrenOf('tickets', index).length > 10);
      expect(busy.length).toBeGreaterThanOrEqual(3);
    }
  });
});

function neglectedDomains(world: World): readonly string[] {
  return neglectedAccounts(world).map((index) => world.account(index).domain);
}

/** Accounts with an open renewal whose last review is more than ninety days ago. */
function neglectedAccounts(world: World): readonly number[] {
  const since = Date.parse(ANCHOR) - NINETY_DAYS_MS;
  return Array.from({ length: world.counts.accounts }, (_empty, index) => index).filter((index) => {
    const renewing = world.childrenOf('opportunities', index).some((child) => {
      const { kind, stage } = world.opportunity(child);
      return kind === 'Verlängerung' && stage !== 'Gewonnen' && stage !== 'Verloren';
    });
    if (!renewing) return false;
    const reviews = world
      .childrenOf('meetings', index)
      .map(world.meeting)
      .filter(({ kind }) => kind === 'QBR')
      .map(({ startsAt }) => startsAt.getTime());
    return reviews.length > 0 && Math.max(...reviews) < since;
  });
}
