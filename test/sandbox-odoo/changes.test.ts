import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { json2, jsonRpc, person, startErp, type Row } from './client.ts';

let erp: TestSandbox;
let older: TestSandbox;
beforeAll(async () => {
  [erp, older] = await Promise.all([startErp(), startErp({ odooVersion: 17 })]);
}, 300_000);
afterAll(() => Promise.all([erp.stop(), older.stop()]));

async function found(path: string, body: Row): Promise<readonly Row[]> {
  const answer = await json2(erp, path, body);
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Reads a model page by page, by time of last change and id, as replicas do. */
async function walk(model: string, size: number): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (;;) {
    const last = all.at(-1);
    const domain =
      last === undefined
        ? []
        : [
            '|',
            ['write_date', '>', last['write_date']],
            '&',
            ['write_date', '=', last['write_date']],
            ['id', '>', last['id']],
          ];
    const page = await found(`${model}/search_read`, {
      domain,
      fields: ['write_date'],
      order: 'write_date, id',
      limit: size,
      context: { active_test: false },
    });
    all.push(...page);
    if (page.length < size) return all;
  }
}

describe('times of last change', () => {
  it('lead through every record once, however many share a second', async () => {
    const all = await walk('res.partner', 50);
    const total = await json2<number>(erp, 'res.partner/search_count', { domain: [], context: { active_test: false } });
    expect(new Set(all.map((row) => row['id'])).size).toBe(total.body);
    const times = all.map((row) => String(row['write_date']));
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBeLessThan(times.length);
  });

  it('are kept finer than they are shown: before 19 a second is not equal to itself', async () => {
    const count = async (sandbox: TestSandbox, operator: string, value: unknown): Promise<unknown> => {
      const { id, password } = person(sandbox, 'admin');
      const args = [
        'globex',
        Number(id),
        password,
        'x_renewal',
        'search_count',
        [
          [
            ['write_date', operator, value],
            ['id', '=', 1],
          ],
        ],
      ];
      return (await jsonRpc(sandbox, 'object', 'execute_kw', args)).result;
    };
    const [row] = await found('x_renewal/read', { ids: [1], fields: ['write_date'] });
    const shown = row?.['write_date'];
    expect([await count(erp, '=', shown), await count(erp, '>', shown), await count(erp, '<=', shown)]).toEqual([
      1, 0, 1,
    ]);
    expect([await count(older, '=', shown), await count(older, '>', shown), await count(older, '<=', shown)]).toEqual([
      0, 1, 0,
    ]);
  });

  it('order changes of one second by when they were made', async () => {
    for (const id of ['30', '10', '20'])
      await erp.mutate({ op: 'update', object: 'x_renewal', id, fields: { x_state: 'WON' } });
    const newest = await found('x_renewal/search_read', { fields: ['x_state'], order: 'write_date desc', limit: 3 });
    expect(newest.map((row) => row['id'])).toEqual([20, 10, 30]);
  });
});

describe('writing', () => {
  it('creates, changes, archives and removes, and the ledger knows', async () => {
    const create = await json2<number[]>(erp, 'x_renewal/create', {
      vals_list: [{ x_name: 'Prova', x_partner_id: 1_001, x_amount: '12.5' }],
    });
    const [id = 0] = create.body;
    expect(
      await found('x_renewal/read', { ids: [id], fields: ['x_name', 'x_amount', 'x_active', 'create_uid'] }),
    ).toMatchObject([{ x_name: 'Prova', x_amount: 12.5, x_active: true, create_uid: [2, expect.any(String)] }]);
    await json2(erp, 'x_renewal/write', { ids: [id], vals: { x_state: 'perso' } });
    await json2(erp, 'x_renewal/action_archive', { ids: [id] });
    expect(await found('x_renewal/search', { domain: [['x_name', '=', 'Prova']] })).toEqual([]);
    expect(
      await found('x_renewal/search', { domain: [['x_name', '=', 'Prova']], context: { active_test: false } }),
    ).toEqual([id]);
    await json2(erp, 'x_renewal/unlink', { ids: [id] });
    expect(await found('x_renewal/search', { domain: [['id', '=', id]], context: { active_test: false } })).toEqual([]);
    expect((await json2(erp, 'x_renewal/read', { ids: [id] })).status).toBe(404);
    const { entries } = await erp.control<{ entries: { effects: { op: string; object: string; id: string }[] }[] }>(
      'GET',
      'ledger?limit=10000',
    );
    const ops = entries
      .flatMap((entry) => entry.effects)
      .filter((effect) => effect.object === 'x_renewal' && effect.id === String(id));
    expect(ops.map((effect) => effect.op)).toEqual(['create', 'update', 'update', 'delete']);
  });

  it('keeps nothing of what the rights or the model refuse', async () => {
    const before = await json2<number>(erp, 'crm.lead/search_count', { domain: [] });
    const { apiKey, id } = person(erp, 'seller');
    const foreign = await json2<Row>(
      erp,
      'crm.lead/create',
      {
        vals_list: [
          { name: 'a', user_id: Number(id) },
          { name: 'b', user_id: 2 },
        ],
      },
      apiKey,
    );
    expect([foreign.status, foreign.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
    const wrong = await json2<Row>(erp, 'crm.lead/create', {
      vals_list: [{ name: 'a' }, { name: 'b', priority: '9' }],
    });
    expect([wrong.status, wrong.body['name']]).toEqual([500, 'builtins.ValueError']);
    expect((await json2<number>(erp, 'crm.lead/search_count', { domain: [] })).body).toBe(before.body);
  });

  it('leaves empty what pointed at a removed record', async () => {
    const created = await json2<number[]>(erp, 'res.partner/create', { vals_list: [{ name: 'Breve' }] });
    const [partner = 0] = created.body;
    await json2(erp, 'x_renewal/write', { ids: [3], vals: { x_partner_id: partner } });
    expect(await found('x_renewal/read', { ids: [3], fields: ['x_partner_id'] })).toMatchObject([
      { x_partner_id: [partner, 'Breve'] },
    ]);
    await erp.mutate({ op: 'delete', object: 'res.partner', id: String(partner) });
    expect(await found('x_renewal/read', { ids: [3], fields: ['x_partner_id'] })).toMatchObject([
      { x_partner_id: false },
    ]);
  });
});

describe('the schema', () => {
  it('changes as Studio changes it, and the technical models say so', async () => {
    await erp.control('POST', 'schema', {
      object: 'x_renewal',
      add: {
        name: 'x_rischio',
        ttype: 'selection',
        field_description: 'Rischio',
        selection: [
          ['alto', 'Alto'],
          ['basso', 'Basso'],
        ],
      },
    });
    await json2(erp, 'x_renewal/write', { ids: [5], vals: { x_rischio: 'alto' } });
    expect(await found('x_renewal/search', { domain: [['x_rischio', '=', 'alto']] })).toEqual([5]);
    const listed = await found('ir.model.fields/search_read', {
      domain: [
        ['model', '=', 'x_renewal'],
        ['name', '=', 'x_rischio'],
      ],
      fields: ['ttype', 'state', 'field_description', 'model_id'],
    });
    expect(listed).toMatchObject([
      { ttype: 'selection', state: 'manual', field_description: 'Rischio', model_id: [expect.any(Number), 'Rinnovo'] },
    ]);
    await erp.control('POST', 'schema', { object: 'x_renewal', remove: 'x_rischio' });
    expect(
      await found('ir.model.fields/search', {
        domain: [
          ['model', '=', 'x_renewal'],
          ['name', '=', 'x_rischio'],
        ],
      }),
    ).toEqual([]);
    await erp.control('POST', 'schema', {
      object: 'x_visita',
      add: { name: 'x_partner_id', ttype: 'many2one', relation: 'res.partner' },
    });
    expect(
      await found('ir.model/search_read', { domain: [['model', '=', 'x_visita']], fields: ['state', 'transient'] }),
    ).toMatchObject([{ state: 'manual', transient: false }]);
    expect(
      (await json2(erp, 'x_visita/create', { vals_list: [{ x_name: 'Milano', x_partner_id: 1_001 }] })).body,
    ).toEqual([1]);
  });
});

describe('keys and limits', () => {
  it('end when they are revoked, and the next one is told', async () => {
    const { apiKey = '', id } = person(erp, 'manager');
    await erp.control('POST', 'revoke', { user: id });
    expect((await json2(erp, 'res.users/context_get', {}, apiKey)).status).toBe(401);
    const { users } = await erp.control<{ users: { id: string; apiKey: string }[] }>('GET', 'health');
    const next = users.find((user) => user.id === id)?.apiKey;
    expect((await json2(erp, 'res.users/context_get', {}, next)).body).toMatchObject({ uid: Number(id) });
  });

  it('can be tightened to what hosted databases allow', async () => {
    await older.control('POST', 'limits', { perMinute: 2 });
    const statuses = [];
    for (let call = 0; call < 3; call += 1)
      statuses.push((await fetch(`${older.url}/web/webclient/version_info`, { method: 'POST', body: '{}' })).status);
    expect(statuses).toEqual([200, 200, 429]);
    await older.control('POST', 'limits', { perMinute: null });
  });
});
