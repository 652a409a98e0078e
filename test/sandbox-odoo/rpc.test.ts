import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { jsonRpc, json2, person, startErp, xmlRpc, type Role, type Row } from './client.ts';

let current: TestSandbox;
let older: TestSandbox;
let oldest: TestSandbox;
beforeAll(async () => {
  [current, older, oldest] = await Promise.all([
    startErp(),
    startErp({ odooVersion: 17 }),
    startErp({ odooVersion: 14 }),
  ]);
}, 300_000);
afterAll(() => Promise.all([current.stop(), older.stop(), oldest.stop()]));

const login = (erp: TestSandbox, role: Role): readonly [string, number, string] => {
  const { id, password } = person(erp, role);
  return [erp.health.details['database'] ?? '', Number(id), password];
};

describe('the version', () => {
  it('is told at the doors that the release has', async () => {
    for (const [erp, major] of [
      [current, 19],
      [older, 17],
      [oldest, 14],
    ] as const) {
      const common = (await xmlRpc(erp, 'common', 'version', [])) as Row;
      expect(common).toMatchObject({ server_serie: `${major}.0`, protocol_version: 1 });
      expect((common['server_version_info'] as unknown[])[0]).toBe(major);
      expect((await jsonRpc(erp, 'common', 'version', [])).result).toEqual(common);
      const web = await fetch(`${erp.url}/web/version`);
      expect(web.status).toBe(major === 19 ? 200 : 404);
      expect((await json2(erp, 'res.users/context_get')).status).toBe(major === 19 ? 200 : 404);
    }
    const info = await fetch(`${older.url}/web/webclient/version_info`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","params":{}}',
    });
    expect(await info.json()).toMatchObject({ result: { server_serie: '17.0' } });
  });
});

describe('by the npm XML-RPC client', () => {
  it('signs in with a password or a key, and answers false to a wrong one', async () => {
    const { username, password, apiKey, id } = person(older, 'seller');
    const authenticate = (secret: unknown): Promise<unknown> =>
      xmlRpc(older, 'common', 'authenticate', ['globex', username, secret, {}]);
    expect(await authenticate(password)).toBe(Number(id));
    expect(await authenticate(apiKey)).toBe(Number(id));
    expect(await authenticate('wrong')).toBe(false);
    expect(await xmlRpc(older, 'common', 'login', ['globex', 'nobody', 'x'])).toBe(false);
  });

  it('reads what JSON-RPC reads', async () => {
    const call = [
      'res.partner',
      'search_read',
      [[['is_company', '=', true]]],
      {
        fields: ['name', 'country_id', 'category_id', 'x_fatturato_annuo', 'comment'],
        limit: 20,
        order: 'id',
        context: { active_test: false },
      },
    ];
    const byXml = await xmlRpc(older, 'object', 'execute_kw', [...login(older, 'admin'), ...call]);
    const { result } = await jsonRpc(older, 'object', 'execute_kw', [...login(older, 'admin'), ...call]);
    expect(byXml).toEqual(result);
    expect(result).toHaveLength(20);
  });

  it('gets faults by kind: 1 application, 2 warning, 3 denied, 4 rights', async () => {
    const call = (user: Role, ...args: unknown[]): Promise<unknown> =>
      xmlRpc(older, 'object', 'execute_kw', [...login(older, user), ...args]);
    await expect(call('admin', 'res.partner', 'read', [[99_999_999]])).rejects.toMatchObject({
      faultCode: 2,
      faultString: expect.stringContaining('Record does not exist') as unknown,
    });
    await expect(call('admin', 'no.model', 'search', [[]])).rejects.toMatchObject({
      faultCode: 2,
      faultString: "Object no.model doesn't exist",
    });
    await expect(call('supporter', 'crm.lead', 'search', [[]])).rejects.toMatchObject({ faultCode: 4 });
    await expect(call('admin', 'res.partner', 'search', [[['nope', '=', 1]]])).rejects.toMatchObject({
      faultCode: 1,
      faultString: expect.stringMatching(/^Traceback[^]*ValueError: Invalid field/) as unknown,
    });
    await expect(
      xmlRpc(older, 'object', 'execute_kw', ['globex', 2, 'wrong', 'res.partner', 'search', [[]]]),
    ).rejects.toMatchObject({ faultCode: 3, faultString: 'Access Denied' });
    await expect(
      xmlRpc(older, 'object', 'execute_kw', ['other', 2, 'x', 'res.partner', 'search', [[]]]),
    ).rejects.toMatchObject({
      faultCode: 1,
      faultString: expect.stringContaining('database "other" does not exist') as unknown,
    });
  });

  it('writes text that XML cannot hold without what it cannot hold', async () => {
    const text = 'Città <b> & "più" \u0007 🎉';
    const id = await xmlRpc(older, 'object', 'execute_kw', [
      ...login(older, 'admin'),
      'res.partner',
      'create',
      [{ name: 'x', comment: text.replace('\u0007', '') }],
    ]);
    await older.mutate({ op: 'update', object: 'res.partner', id: String(id), fields: { comment: text } });
    const read = (await xmlRpc(older, 'object', 'execute_kw', [
      ...login(older, 'admin'),
      'res.partner',
      'read',
      [[id], ['comment']],
    ])) as Row[];
    expect(read[0]?.['comment']).toBe('Città <b> & "più"  🎉');
  });
});

describe('JSON-RPC', () => {
  it('answers failures with status 200 and the exception', async () => {
    const { error } = await jsonRpc(oldest, 'object', 'execute_kw', [
      ...login(oldest, 'supporter'),
      'crm.lead',
      'search',
      [[]],
    ]);
    expect(error).toMatchObject({
      code: 200,
      message: 'Odoo Server Error',
      data: { name: 'odoo.exceptions.AccessError' },
    });
    const denied = await jsonRpc(current, 'object', 'execute_kw', [
      'globex',
      2,
      'wrong',
      'res.partner',
      'search',
      [[]],
    ]);
    expect(denied.error).toMatchObject({
      code: 0,
      data: { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied' },
    });
    const missing = await jsonRpc(older, 'object', 'execute_kw', [
      ...login(older, 'admin'),
      'res.partner',
      'search',
      [[], 0, 1, 'id', 5, 6, 7],
    ]);
    expect(missing.error?.data).toMatchObject({ name: 'builtins.TypeError' });
  });

  it('has the fields and methods of its release', async () => {
    const names = async (erp: TestSandbox, model: string): Promise<readonly string[]> =>
      Object.keys(
        (await jsonRpc(erp, 'object', 'execute_kw', [...login(erp, 'admin'), model, 'fields_get', [], {}]))
          .result as Row,
      );
    expect(await names(current, 'crm.lead')).toContain('won_status');
    expect(await names(older, 'crm.lead')).not.toContain('won_status');
    expect(await names(oldest, 'res.partner')).toEqual(expect.arrayContaining(['mobile', '__last_update']));
    expect(await names(current, 'res.partner')).not.toContain('mobile');
    const rights = await jsonRpc(older, 'object', 'execute_kw', [
      ...login(older, 'supporter'),
      'crm.lead',
      'check_access_rights',
      ['read'],
      { raise_exception: false },
    ]);
    expect(rights.result).toBe(false);
    const named = await jsonRpc(oldest, 'object', 'execute_kw', [
      ...login(oldest, 'admin'),
      'res.country',
      'name_get',
      [[57]],
    ]);
    expect(named.result).toEqual([[57, 'Germany']]);
  });
});
