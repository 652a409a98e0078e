import { beforeAll, describe, expect, it } from 'vitest';
import { textsIn, type AttackStage, type Who } from './stage.ts';

const OWNER: Who = 'acme/renewals-copilot';
const OTHER: Who = 'globex/renewals-copilot';

/** Names of the other customer, of the engine, of our helpers and of other callers' sessions. */
const places = `
  erp."res.partner" erp."crm.lead" globex.account globex.main.account model.account lens.model.account
  _session_1.main.account _session_2.main.account _session_1.account _session_2.crm."Account" memory.main.account
  "_derived"."meeting.keys" "_derived"."meeting.groups" _derived.account _gantry.meta _gantry.stream
  temp._merge_g temp._derived_next main.sqlite_schema system.main.duckdb_views pg_catalog.pg_attribute
  system.information_schema.columns temp.information_schema.tables model_sources record change sweep public.record
`;

/** Nothing of another customer is reached by any name, reference, link or cursor, nor through the ways in for operators. */
export function otherCustomers(stage: () => AttackStage): void {
  describe('other customers', () => {
    const rowsOf = (who: Who, args: object) => stage().rows(who, 'query_records', { ...args });
    let foreign: readonly string[];

    beforeAll(async () => {
      const fields = { account: ['name', 'website'], ticket: ['requester_email', 'assignee_email'] };
      const lists = await Promise.all(
        Object.entries(fields).map(async ([object, names]) => {
          const [theirs, ours] = await Promise.all(
            [OTHER, OWNER].map((who) => rowsOf(who, { object, fields: names, limit: 200 })),
          );
          const known = new Set(ours?.flat());
          return (theirs ?? []).flatMap((row) => row.slice(0, -1)).filter((text) => !known.has(text));
        }),
      );
      foreign = lists.flat().filter((text) => typeof text === 'string');
      expect(foreign.length).toBeGreaterThan(100);
    });

    const tellsForeign = (answer: unknown): string[] => {
      const text = textsIn(answer as never).join('\n');
      return foreign.filter((secret) => text.includes(secret));
    };

    it.each<Who>(['acme/renewals-copilot', 'acme/thief'])(
      'are no tables for %s, whatever they are called',
      async (who) => {
        const names = places.split(/\s+/).filter((name) => name !== '');
        const texts = names.flatMap((name) => [
          `select * from ${name}`,
          `with account as (select * from ${name}) select * from account`,
          `select name, (select max(x) from ${name} as t(x)) from account`,
          `select a.* from account a left join ${name} b on true`,
          `select 1 where exists (from ${name})`,
        ]);
        for (const sql of texts) {
          const { content } = await stage().call(who, 'query_sql', { sql });
          expect([sql, content['code']]).toEqual([sql, 'sql_relation_unknown']);
          expect(tellsForeign(content)).toEqual([]);
        }
      },
    );

    it('answer to no reference, id or link', async () => {
      const [theirs] = await rowsOf(OTHER, { object: 'account', fields: ['name', 'crm_id'], limit: 1 });
      const [name = '', id = '', ref = ''] = (theirs ?? []).map(String);
      for (const args of [{ id: ref }, { id }, { id: ref, history: 5 }, { id: `globex/${ref}` }, { id: `../${ref}` }]) {
        const { content } = await stage().call(OWNER, 'get_record', { object: 'account', ...args });
        expect(content).toMatchObject({ code: 'not_found' });
        expect(JSON.stringify(content)).not.toContain(name);
      }
      const uri = `gantry://record/${ref}/name?object=account`;
      expect(await stage().follow(OTHER, uri)).toBe(name);
      for (const link of [uri, uri.replace('record/', 'record/globex/'), uri.replace('=account', '=erp.res.partner')]) {
        await expect(stage().follow(OWNER, link)).rejects.toMatchObject({ code: -32_602 });
      }
    });

    it('have records of the same reference, which stay each in their own answers', async () => {
      const tickets = (who: Who) =>
        rowsOf(who, { object: 'ticket', fields: ['subject', 'requester_email'], limit: 200 });
      const [ours, theirs] = [await tickets(OWNER), await tickets(OTHER)];
      const shared = ours.find((row) => theirs.some((other) => other.at(-1) === row.at(-1) && other[1] !== row[1]));
      const ref = String(shared?.at(-1));
      const mail = (who: Who) => stage().follow(who, `gantry://record/${ref}/requester_email?object=ticket`);
      expect(await mail(OWNER)).toBe(shared?.[1]);
      expect(await mail(OTHER)).toBe(theirs.find((row) => row.at(-1) === ref)?.[1]);
      const { content } = await stage().call(OWNER, 'get_record', { object: 'ticket', id: ref, history: 50 });
      expect(tellsForeign(content)).toEqual([]);
    });

    it('and other agents have cursors that are good for nobody else', async () => {
      const args = { object: 'account', fields: ['name', 'crm_id'], sort: [{ field: 'name' }], limit: 2 };
      const cursorOf = async (who: Who): Promise<string> =>
        String((await stage().call(who, 'query_records', args)).content['next_cursor']);
      const [theirs, ours] = [await cursorOf(OTHER), await cursorOf(OWNER)];
      for (const [who, cursor] of [
        [OWNER, theirs],
        ['acme/thief', ours],
        ['globex/thief', theirs],
        ['acme/thief', theirs],
      ] as const) {
        const { content } = await stage().call(who, 'query_records', { ...args, cursor });
        expect(content).toMatchObject({ code: 'cursor_invalid' });
      }
      // With the right beginning and somebody else's place in it: a place in one's own list.
      const [binding = ''] = ours.split('~');
      const forged = [binding, ...theirs.split('~').slice(1)].join('~');
      const { content } = await stage().call(OWNER, 'query_records', { ...args, cursor: forged });
      expect(content).toHaveProperty('rows');
      expect(tellsForeign(content)).toEqual([]);
    });

    it.each<readonly [method: string, path: string, body: object | null]>([
      ['GET', '/v1/connections?tenant=globex', null],
      ['POST', '/v1/connections', { tenant: 'globex', integration: 'erp', method: 'api_key', values: {} }],
      ['POST', '/v1/connections/erp/sync', { tenant: 'globex' }],
      ['GET', '/v1/quarantine?tenant=globex', null],
      ['GET', '/v1/quarantine?tenant=acme', null],
      ['GET', '/v1/revisions', null],
      ['GET', '/v1/tenants/globex/overlay', null],
      ['PUT', '/v1/tenants/acme/overlay', { yaml: 'tenant: acme\n' }],
      ['DELETE', '/v1/tenants/globex/overlay', null],
      ['GET', '/v1/tenants/globex/lens', null],
      ['POST', '/v1/tenants/globex/lens/rebuild', null],
      ['POST', '/v1/tenants/acme/lens/snapshot', null],
      ['POST', '/internal/lens', { tenant: 1, kind: 'read', sql: 'select * from model.account', params: [] }],
    ])('are not opened by an agent’s key: %s %s', async (method, path, body) => {
      const response = await stage().send(
        'acme/renewals-copilot',
        method,
        path,
        body === null ? undefined : JSON.stringify(body),
      );
      const text = await response.text();
      if (path.startsWith('/v1/connections?')) {
        // An agent's own connections, whatever tenant it names.
        expect(text).not.toMatch(/odoo|erp/i);
      } else {
        expect([401, 403, 404]).toContain(response.status);
      }
      expect(foreign.filter((secret) => text.includes(secret))).toEqual([]);
    });
  });
}
