import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { ANCHOR, ANCHOR_S, connect, idsOf, rows, startHelpDesk, unlimited, type ZendeskClient } from './client.ts';

const world = createWorld({ seed: 1, scale: 1_000_000, anchor: new Date(ANCHOR) });
let sandbox: TestSandbox;
let client: ZendeskClient;
beforeAll(async () => {
  sandbox = await startHelpDesk({ scale: 1_000_000 });
  await unlimited(sandbox);
  client = await connect(sandbox);
});
afterAll(() => sandbox.stop());

describe('a help desk of half a million tickets', () => {
  it('exports from anywhere in the stream', async () => {
    for (const daysAgo of [700, 365, 3]) {
      const start = ANCHOR_S - daysAgo * 86_400;
      const answer = await client.get(`/api/v2/incremental/tickets/cursor.json?start_time=${start}`);
      const first = world.firstModifiedFrom('tickets', start * 1000);
      expect(idsOf(rows(answer, 'tickets'))).toEqual(Array.from({ length: 1_000 }, (_empty, at) => first + at + 1));
    }
  });

  it('goes through a mass update of more tickets than a page holds', async () => {
    const { tickets } = world.counts;
    const from = Math.floor(tickets * 0.3);
    const second = world.modifiedMs('tickets', from) / 1000;
    expect(world.modifiedMs('tickets', from + 2_499) / 1000).toBe(second);
    const ids: number[] = [];
    let url = `/api/v2/incremental/tickets/cursor.json?start_time=${second}`;
    for (let page = 0; page < 4; page += 1) {
      const answer = await client.get(url);
      ids.push(...idsOf(rows(answer, 'tickets')));
      url = String(answer.body['after_url']);
    }
    expect(new Set(ids).size).toBe(4_000);
    expect(ids.filter((id) => world.modifiedMs('tickets', id - 1) / 1000 === second).length).toBeGreaterThanOrEqual(
      2_500,
    );
  });

  it('finds the tickets of one organization without looking at the others', async () => {
    const [organization] = rows(await client.get('/api/v2/organizations.json?per_page=1&page=4711'), 'organizations');
    const answer = await client.get(`/api/v2/organizations/${String(organization?.['id'])}/tickets.json`);
    expect(idsOf(rows(answer, 'tickets'))).toEqual(
      world
        .childrenOf('tickets', 4_710)
        .slice(0, 100)
        .map((index) => index + 1),
    );
  });

  it('says that large counts may lag', async () => {
    const { body } = await client.get('/api/v2/tickets/count.json');
    expect(body).toEqual({ count: { value: world.counts.tickets, refreshed_at: null } });
  });
});
