import { createClient, type ZendeskClientOptions } from 'node-zendesk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { connect, startHelpDesk, unlimited } from './client.ts';

/** node-zendesk, which many integrations use, drives the sandbox: its paging, its paths, its idea of errors. */
let sandbox: TestSandbox;
let zendesk: ReturnType<typeof createClient>;

beforeAll(async () => {
  sandbox = await startHelpDesk({ scale: 2_000 });
  await unlimited(sandbox);
  const { accessToken } = await connect(sandbox);
  zendesk = clientOf(accessToken);
});
afterAll(() => sandbox.stop());

function clientOf(token: string) {
  const options: ZendeskClientOptions = { endpointUri: `${sandbox.url}/api/v2`, useOAuth: true, token };
  return createClient(options);
}

const count = (object: string) => Number(sandbox.health.counts[object]);
const ids = (records: readonly unknown[]) => records.map((record) => (record as { id: number }).id);

describe('node-zendesk', () => {
  it('reads every list to its end', async () => {
    const tickets = await zendesk.tickets.list();
    expect(new Set(ids(tickets)).size).toBe(count('tickets'));
    expect(tickets.length).toBe(count('tickets'));
    expect((await zendesk.users.list()).length).toBe(count('users'));
    const organizations = (await zendesk.organizations.list()) as readonly unknown[];
    expect(organizations.length).toBe(count('organizations'));
  });

  it('finds records by ids, organization and external id', async () => {
    const { result: many } = (await zendesk.tickets.showMany([3, 5, 999_999])) as unknown as { result: unknown[] };
    expect(ids(many)).toEqual([3, 5]);
    const { result: ticket } = await zendesk.tickets.show(3);
    const organizationId = Number(ticket.organization_id);
    expect(ids(await zendesk.tickets.listByOrganization(organizationId))).toContain(3);
    const users = await zendesk.users.listByOrganization(organizationId);
    expect(ids(users)).toContain(ticket.requester_id);
    const { result: organization } = (await zendesk.organizations.show(organizationId)) as {
      result: { external_id: string };
    };
    const found = await zendesk.organizations.search(organization.external_id as unknown as number);
    expect(ids(found)).toEqual([organizationId]);
    expect(ids(await zendesk.organizations.showManyByExternalIds([organization.external_id]))).toEqual([
      organizationId,
    ]);
  });

  it('reads fields, groups, brands and settings', async () => {
    const fields = await zendesk.ticketfields.list();
    expect(fields.map(({ title }) => title)).toContain('Vertragsnummer');
    expect((await zendesk.groups.list()).length).toBe(2);
    const { result: me } = await zendesk.users.me();
    expect(me).toMatchObject({ role: 'admin' });
    const { result: settings } = (await zendesk.accountsettings.show()) as { result: object };
    expect(settings).toHaveProperty('localization');
  });

  it('exports by cursor to the end of the stream', async () => {
    const seen = new Set<number>();
    let cursor = '';
    for (let ended = false; !ended;) {
      const { result } = (await zendesk.ticketexport.exportCursor(1, cursor)) as unknown as {
        result: { tickets: { id: number }[]; after_cursor: string; end_of_stream: boolean };
      };
      for (const { id } of result.tickets) seen.add(id);
      cursor = result.after_cursor;
      ended = result.end_of_stream;
    }
    expect(seen.size).toBe(count('tickets'));
    expect(new Set(ids(await zendesk.tickets.incremental('1'))).size).toBe(count('tickets'));
  });

  it('searches', async () => {
    const found = await zendesk.search.queryAll('type:ticket status:pending');
    expect(found.length).toBeGreaterThan(3);
    expect(found.every((record: { status: string }) => record.status === 'pending')).toBe(true);
    const { result } = await zendesk.search.showResultsCount('type:ticket status:pending');
    expect(result).toEqual({ count: found.length });
  });

  it('understands the refusals', async () => {
    await expect(zendesk.tickets.show(999_999)).rejects.toThrow('Item not found');
    await expect(clientOf('wrong').tickets.list()).rejects.toThrow('Not Authorized');
    await sandbox.control('POST', 'limits', { perMinute: 0 });
    try {
      await expect(zendesk.tickets.show(3)).resolves.toMatchObject({ result: { statusCode: 429 } });
    } finally {
      await unlimited(sandbox);
    }
  });
});
