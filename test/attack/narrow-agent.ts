import { describe, expect, it } from 'vitest';
import type { AttackStage, Who } from './stage.ts';

const WATCH: Who = 'acme/renewals-watch';
const OWNER: Who = 'acme/renewals-copilot';

/** An agent with saved queries only cannot ask anything else, by whatever way. */
export function narrowAgent(stage: () => AttackStage): void {
  describe('an agent with saved queries only', () => {
    it('reads no record that no query of its own gave, although its grant would show it', async () => {
      const [account] = await stage().rows(OWNER, 'query_records', { object: 'account', fields: ['name'], limit: 1 });
      const uri = `gantry://record/${String(account?.at(-1))}/name?object=account`;
      expect(await stage().follow(OWNER, uri)).toBe(account?.[0]);
      await expect(stage().follow(WATCH, uri)).rejects.toMatchObject({ code: -32_602 });
    });

    it('is told of no change, over either door', async () => {
      await expect(stage().follow(WATCH, 'gantry://events/account?after=0')).rejects.toMatchObject({ code: -32_602 });
      for (const path of ['/v1/events?object=account&after=0', '/v1/events/1?object=account']) {
        const response = await stage().send(WATCH, 'GET', path);
        expect([response.status, await response.json()]).toMatchObject([404, { code: 'tool_unknown' }]);
      }
    });

    it.each(['query_records', 'query_sql', 'get_record', 'describe', 'search_catalog', 'list_connections'])(
      'has no %s, over either door',
      async (tool) => {
        const args = { object: 'account', id: '1', sql: 'select 1', names: ['account'], query: 'x' };
        const response = await stage().send(WATCH, 'POST', `/v1/tools/${tool}`, JSON.stringify(args));
        expect([response.status, await response.json()]).toMatchObject([404, { code: 'tool_unknown' }]);
        await expect(stage().call(WATCH, tool, args)).rejects.toMatchObject({ code: -32_602 });
        expect(await stage().tools(WATCH)).not.toContain(tool);
      },
    );

    it.each<[arguments_: object, code: string]>([
      [{ account: { ne: 'x' } }, 'bad_request'],
      [{ account: { param: 'account' } }, 'bad_request'],
      [{ account: ['a', 'b'] }, 'bad_request'],
      [{ account: null }, 'bad_request'],
      [{ account: 'a', filter: {} }, 'bad_request'],
      [{ account: 'a', object: 'account' }, 'bad_request'],
      [{ account: 'a', fields: ['account.name'] }, 'bad_request'],
      [{ account: 'a', cursor: 'x~y~z' }, 'cursor_invalid'],
      [{ account: 'a\0' }, 'query_value_invalid'],
      [{ account: 'x'.repeat(501) }, 'bad_request'],
    ])('puts values in and nothing else: %j', async (args, code) => {
      const { content } = await stage().call(WATCH, 'open_tickets_of', { ...args });
      expect(content).toMatchObject({ code });
    });

    it.each([
      "' or 1=1 --",
      '"; select * from account; --',
      '$1',
      '%',
      '*',
      '{"param":"account"}',
      '{"is_null":true}',
      'null',
    ])('takes any text for what it says: %s', async (account) => {
      expect(await stage().rows(WATCH, 'open_tickets_of', { account })).toEqual([]);
    });

    it('goes on from its own pages only', async () => {
      const busy = await stage().rows(OWNER, 'query_records', {
        object: 'ticket',
        filter: { status: ['new', 'open', 'pending', 'hold'], account: { is_null: false } },
        group_by: ['account'],
        measures: [{ count: '*', as: 'n' }],
        sort: [{ field: 'n', dir: 'desc' }],
        limit: 2,
      });
      const [first, second] = busy.map(([account]) => String(account));
      const { content } = await stage().call(WATCH, 'open_tickets_of', { account: first });
      const listed = (content['rows'] ?? []) as readonly unknown[];
      expect(listed.length).toBeGreaterThan(0);
      const forged = String(content['next_cursor'] ?? '0000000000~mwq4uo8h~.1~.2');
      const other = await stage().call(WATCH, 'open_tickets_of', { account: second, cursor: forged });
      expect(other.content).toMatchObject({ code: 'cursor_invalid' });
    });
  });
}
