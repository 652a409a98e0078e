import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { json2, jsonRpc, person, startErp, xmlRpc, type Answer, type Row } from './client.ts';

interface LedgerEffect {
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly fields?: Row;
  readonly marker?: string;
  readonly cause?: string;
}
interface LedgerEntry {
  readonly seq: number;
  readonly user: string | null;
  readonly effects: readonly LedgerEffect[];
}

let erp: TestSandbox;
let older: TestSandbox;
let prepared: TestSandbox;
beforeAll(async () => {
  [erp, older, prepared] = await Promise.all([
    startErp(),
    startErp({ odooVersion: 17 }),
    startErp({ company: 'acme', odooVersion: 14 }),
  ]);
}, 300_000);
afterAll(() => Promise.all([erp.stop(), older.stop(), prepared.stop()]));

async function ledger(sandbox: TestSandbox, since = 0): Promise<readonly LedgerEntry[]> {
  return (await sandbox.control<{ entries: LedgerEntry[] }>('GET', `ledger?since=${since}&limit=100000`)).entries;
}
const lastSeq = async (sandbox: TestSandbox): Promise<number> => (await ledger(sandbox)).at(-1)?.seq ?? 0;
const effectsSince = async (seq: number): Promise<readonly LedgerEffect[]> =>
  (await ledger(erp, seq)).flatMap(({ effects }) => effects);
const count = async (model: string): Promise<number> =>
  (await json2<number>(erp, `${model}/search_count`, { domain: [], context: { active_test: false } })).body;
const error = ({ status, body }: Answer<Row>): readonly unknown[] => [status, body['name']];
async function created(model: string, ...vals: readonly Row[]): Promise<readonly number[]> {
  const answer = await json2<number[]>(erp, `${model}/create`, { vals_list: vals });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

describe('one call is one transaction', () => {
  it('takes back what it wrote when a later record, a line or a rule refuses', async () => {
    const before = await Promise.all(['res.partner', 'sale.order', 'sale.order.line', 'crm.lead'].map(count));
    const seq = await lastSeq(erp);
    const refused: Answer<Row>[] = [
      await json2<Row>(erp, 'res.partner/create', {
        vals_list: [{ name: 'A' }, { name: 'B', parent_id: 999_999_999 }],
      }),
      await json2<Row>(erp, 'sale.order/create', {
        vals_list: [
          {
            name: 'S9',
            partner_id: 1_001,
            date_order: '2026-07-01 10:00:00',
            order_line: [
              [0, 0, { name: 'Uno', price_unit: 5 }],
              [0, 0, { name: 'Due', price_unit: 'cinque' }],
            ],
          },
        ],
      }),
      await json2<Row>(erp, 'crm.lead/create', { vals_list: [{ name: 'a' }, { name: 'b', probability: 101 }] }),
    ];
    expect(refused.map(error)).toEqual([
      [422, 'odoo.exceptions.ValidationError'],
      [500, 'builtins.ValueError'],
      [422, 'odoo.exceptions.ValidationError'],
    ]);
    expect(refused[1]?.body['message']).toBe("could not convert string to float: 'cinque'");
    expect(refused[2]?.body['message']).toContain('between 0% and 100%');
    expect(await Promise.all(['res.partner', 'sale.order', 'sale.order.line', 'crm.lead'].map(count))).toEqual(before);
    expect(await effectsSince(seq)).toEqual([]);
  });

  it('goes through with its lines, and the ledger has what was written', async () => {
    const seq = await lastSeq(erp);
    const [order = 0] = await created('sale.order', {
      name: 'S10',
      partner_id: 1_001,
      date_order: '2026-07-01 10:00:00',
      order_line: [[0, 0, { name: 'Uno', price_unit: 5 }]],
    });
    const [line] = (await json2(erp, 'sale.order/read', { ids: [order], fields: ['order_line'] })).body.map(
      (row) => (row['order_line'] as number[])[0] ?? 0,
    );
    const changed = { order_line: [[1, line, { price_unit: 7 }]], client_order_ref: 'PO-1' };
    await json2(erp, 'sale.order/write', { ids: [order], vals: changed });
    const effects = await effectsSince(seq);
    expect(effects.map(({ op, object }) => `${op} ${object}`)).toEqual([
      'create sale.order',
      'create sale.order.line',
      'update sale.order',
      'update sale.order.line',
    ]);
    expect(effects[3]).toMatchObject({ id: String(line), fields: { price_unit: 7 } });
    // Drafts may go, and take their lines along.
    await json2(erp, 'sale.order/unlink', { ids: [order] });
    const gone = (await effectsSince(seq)).slice(4);
    expect(gone.map(({ op, object, cause }) => [op, object, cause])).toEqual([
      ['delete', 'sale.order', undefined],
      ['delete', 'sale.order.line', 'ondelete of sale.order'],
    ]);
  });
});

describe('what is refused', () => {
  it('is named by the rule of the model that refuses', async () => {
    const [parent = 0, child = 0] = await created('res.partner', { name: 'P' }, { name: 'C' });
    await json2(erp, 'res.partner/write', { ids: [child], vals: { parent_id: parent } });
    const circle = await json2<Row>(erp, 'res.partner/write', { ids: [parent], vals: { parent_id: child } });
    expect(circle.body['message']).toBe('You cannot create recursive Partner hierarchies.');
    const nameless = await json2<Row>(erp, 'res.partner/create', { vals_list: [{ type: 'contact' }] });
    expect(nameless.body['message']).toBe('The operation cannot be completed: Contacts require a name');
    expect(error(await json2<Row>(erp, 'sale.order/unlink', { ids: [1] }))).toEqual([422, 'odoo.exceptions.UserError']);
    const needed = await json2<Row>(erp, 'crm.stage/unlink', { ids: [1] });
    expect(needed.body['message']).toMatch(/another model requires the record being deleted.*crm_lead_stage_id_fkey/s);
    const missing = await json2<Row>(erp, 'crm.lead/create', { vals_list: [{ partner_name: 'x' }] });
    expect(missing.body['message']).toMatch(/mandatory field is not set.*Field: Opportunity \(name\)/s);
    const choice = await json2<Row>(erp, 'crm.lead/write', { ids: [1], vals: { priority: '9' } });
    expect(choice.body['message']).toBe("Wrong value for crm.lead.priority: '9'");
    const unknown = await json2<Row>(erp, 'crm.lead/write', { ids: [1], vals: { x_nulla: 1 } });
    expect(unknown.body['message']).toBe("Invalid field 'x_nulla' on 'crm.lead'");
    expect(error(await json2<Row>(erp, 'crm.lead/write', { ids: [99_999_999], vals: { name: 'x' } }))).toEqual([
      404,
      'odoo.exceptions.MissingError',
    ]);
  });

  it('follows the rights of who asks: models, records and fields', async () => {
    const seller = person(erp, 'seller');
    const [foreign = 0] = await created('crm.lead', { name: 'altrui', user_id: 2 });
    const [own = 0] = await created('crm.lead', { name: 'mio', user_id: Number(seller.id) });
    const both = await json2<Row>(
      erp,
      'crm.lead/write',
      { ids: [own, foreign], vals: { name: 'nuovo' } },
      seller.apiKey,
    );
    expect(error(both)).toEqual([403, 'odoo.exceptions.AccessError']);
    expect(both.body['message']).toMatch(/doesn't have 'write' access to:\n- Lead\/Opportunity \(crm\.lead\)/);
    const names = await json2(erp, 'crm.lead/read', { ids: [own, foreign], fields: ['name'] });
    expect(names.body.map((row) => row['name'])).toEqual(['mio', 'altrui']);
    const unlink = await json2<Row>(erp, 'crm.lead/unlink', { ids: [own] }, seller.apiKey);
    expect(unlink.body['message']).toMatch(/not allowed to delete .*\n\t- Sales\/Administrator\n/s);
    const credit = await json2<Row>(
      erp,
      'res.partner/write',
      { ids: [1_001], vals: { credit_limit: 5 } },
      seller.apiKey,
    );
    expect(credit.body['message']).toMatch(/enough rights to access the field "credit_limit".*Operation: write/s);
    const seq = await lastSeq(erp);
    await json2(erp, 'crm.lead/write', { ids: [own], vals: { name: 'nuovo' } }, seller.apiKey);
    expect((await ledger(erp, seq)).map(({ user }) => user)).toEqual([seller.username]);
  });

  it('is told at every door in its own way, and nothing of it stays', async () => {
    const admin = person(older, 'admin');
    const signed = ['globex', Number(admin.id), admin.password];
    const vals = [{ name: 'x' }, { name: 'y', probability: 200 }];
    const before = await jsonRpc(older, 'object', 'execute_kw', [...signed, 'crm.lead', 'search_count', [[]]]);
    const answer = await jsonRpc(older, 'object', 'execute_kw', [...signed, 'crm.lead', 'create', [vals]]);
    expect(answer.error?.data['name']).toBe('odoo.exceptions.ValidationError');
    await expect(
      xmlRpc(older, 'object', 'execute_kw', [...signed, 'crm.lead', 'create', [vals]]),
    ).rejects.toMatchObject({
      faultCode: 2,
    });
    const ids = (await xmlRpc(older, 'object', 'execute_kw', [
      ...signed,
      'crm.lead',
      'create',
      [[{ name: 'x' }, { name: 'y' }]],
    ])) as number[];
    expect(ids).toHaveLength(2);
    await xmlRpc(older, 'object', 'execute_kw', [...signed, 'crm.lead', 'unlink', [ids]]);
    const after = await jsonRpc(older, 'object', 'execute_kw', [...signed, 'crm.lead', 'search_count', [[]]]);
    expect(after.result).toBe(before.result);
  });
});

describe('what happens beside a write', () => {
  it('is done by automation rules, as often as they are meant, and told apart in the ledger', async () => {
    const [field] = (await json2(erp, 'ir.model/search', { domain: [['model', '=', 'crm.lead']] }))
      .body as unknown as number[];
    const [rule = 0] = await created('base.automation', {
      name: 'Priorità',
      model_id: field,
      trigger: 'on_create_or_write',
      filter_domain: '[("expected_revenue", ">", 50000)]',
      action_server_ids: [
        [0, 0, { name: 'alza', model_id: field, state: 'object_write', update_path: 'priority', value: '3' }],
      ],
    });
    const seq = await lastSeq(erp);
    const [big = 0, small = 0] = await created(
      'crm.lead',
      { name: 'grande', expected_revenue: 80_000 },
      { name: 'piccolo', expected_revenue: 80 },
    );
    const rows = await json2(erp, 'crm.lead/read', { ids: [big, small], fields: ['priority'] });
    expect(rows.body.map((row) => row['priority'])).toEqual(['3', '0']);
    const effects = await effectsSince(seq);
    expect(effects.map(({ op, id, cause }) => [op, id, cause])).toEqual([
      ['create', String(big), undefined],
      ['create', String(small), undefined],
      ['update', String(big), 'automation: Priorità'],
    ]);
    await json2(erp, 'base.automation/unlink', { ids: [rule] });
  });

  it('carries the key of programs where the database has a field for it', async () => {
    const admin = person(prepared, 'admin');
    const signed = ['acme', Number(admin.id), admin.password];
    const made = await jsonRpc(prepared, 'object', 'execute_kw', [
      ...signed,
      'res.partner',
      'create',
      [[{ name: 'Chiave', x_gantry_key: 'k-1' }]],
    ]);
    const found = await jsonRpc(prepared, 'object', 'execute_kw', [
      ...signed,
      'res.partner',
      'search',
      [[['x_gantry_key', '=', 'k-1']]],
    ]);
    expect(found.result).toEqual(made.result);
    const effects = (await ledger(prepared)).flatMap((entry) => entry.effects);
    expect(effects.map(({ marker }) => marker)).toContain('k-1');
    const none = await json2<Row>(erp, 'res.partner/create', { vals_list: [{ name: 'x', x_gantry_key: 'k-1' }] });
    expect(none.body['message']).toBe("Invalid field 'x_gantry_key' on 'res.partner'");
  });
});

describe('faults', () => {
  it('refuse single records, and with one of them the whole call', async () => {
    const ids = await created('crm.lead', { name: '1' }, { name: '2' }, { name: '3' });
    await erp.control('POST', 'fail', {
      object: 'crm.lead',
      ids: [String(ids[1])],
      error: 'SerializationFailure',
      times: 1,
    });
    const refused = await json2<Row>(erp, 'crm.lead/write', { ids, vals: { city: 'Bari' } });
    expect(error(refused)).toEqual([500, 'psycopg2.errors.SerializationFailure']);
    const read = async (): Promise<readonly unknown[]> =>
      (await json2(erp, 'crm.lead/read', { ids, fields: ['city'] })).body.map((row) => row['city']);
    expect(await read()).toEqual([false, false, false]);
    await json2(erp, 'crm.lead/write', { ids, vals: { city: 'Bari' } });
    expect(await read()).toEqual(['Bari', 'Bari', 'Bari']);
  });

  it('lose answers of writes that took effect, before or after', async () => {
    const path = '/json/2/crm.lead/create';
    const seq = await lastSeq(erp);
    await erp.control('POST', 'faults', { match: { path }, action: { reset: true, applied: true } });
    await expect(json2(erp, 'crm.lead/create', { vals_list: [{ name: 'perso' }] })).rejects.toThrow('fetch failed');
    expect((await effectsSince(seq)).map(({ fields }) => fields?.['name'])).toEqual(['perso']);
    await erp.control('POST', 'faults', { match: { path }, action: { late: 'hold', reset: true } });
    await expect(json2(erp, 'crm.lead/create', { vals_list: [{ name: 'tardi' }] })).rejects.toThrow('fetch failed');
    const late = async (): Promise<number> =>
      (await json2<number>(erp, 'crm.lead/search_count', { domain: [['name', '=', 'tardi']] })).body;
    expect(await late()).toBe(0);
    await erp.control('POST', 'faults/release');
    expect(await late()).toBe(1);
  });
});
