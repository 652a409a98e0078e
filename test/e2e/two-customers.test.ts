import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { dealsIn, differences } from '../../examples/renewals/demo/compare.ts';
import { liveFanOutAtGlobex, odooRows } from '../../examples/renewals/demo/live-fan-out-globex.ts';
import type { LiveApi } from '../../examples/renewals/demo/live-api.ts';
import { liveFanOut } from '../../examples/renewals/demo/live-fan-out.ts';
import { liveApiOf } from '../../examples/renewals/demo/live-sign-in.ts';
import { questionArguments } from '../../examples/renewals/demo/question.ts';
import type { Customer } from '../../examples/renewals/stage/customer.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { TestSandbox } from '../support/sandbox.ts';

type Rows = readonly (readonly unknown[])[];
type Args = Readonly<Record<string, unknown>>;

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const ARRIVES = { timeout: 120_000, interval: 100 };

/** One project, two customers with other systems, each in processes of their own. */
describe('two customers and one question', () => {
  let stage: Stage;
  let globex: Customer;
  const agents = new Map<string, Agent>();
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-two-'));
    cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
    stage = await openStage({
      scale: 2_000,
      seed: 3,
      dataDir,
      databaseUrl: null,
      port: 0,
      logLevel: 'silent',
      whole: true,
    });
    cleanUp.push(() => stage.close());
    if (stage.globex === null) throw new Error('the stage is not whole');
    globex = stage.globex;
    for (const customer of [stage.acme, globex]) {
      await customer.connectAll();
      for (const name of ['renewals-copilot', 'renewals-watch']) {
        const key = await customer.keyFor(name);
        const agent = await connectAgent(stage.url, key);
        agents.set(`${customer.tenant}/${name}`, agent);
        cleanUp.push(() => agent.close());
        const found = await stage.gantry.callers.find(key);
        if (found !== null) await stage.gantry.lens.catchUp(found.caller.tenant);
      }
    }
  });
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const agentOf = (tenant: string, name = 'renewals-copilot'): Agent => {
    const agent = agents.get(`${tenant}/${name}`);
    if (agent === undefined) throw new Error(`no agent ${name} of ${tenant}`);
    return agent;
  };
  const call = (tenant: string, tool: string, args: Args) => agentOf(tenant).call(tool, args);
  const rowsOf = async (tenant: string, args: Args, tool = 'query_records'): Promise<Rows> => {
    const { content, failed } = await call(tenant, tool, args);
    expect([failed, failed ? content : null]).toEqual([false, null]);
    return (content as { rows: Rows }).rows;
  };
  const count = async (tenant: string, object: string, filter: object = {}): Promise<number> => {
    const [row] = await rowsOf(tenant, { object, filter, measures: [{ count: '*', as: 'n' }] });
    return Number(row?.[0]);
  };
  const system = (customer: Customer, integration: string): TestSandbox => {
    const sandbox = customer.systems.get(integration);
    if (sandbox === undefined) throw new Error(`no ${integration}`);
    return sandbox;
  };
  const erp = (): Promise<LiveApi> => liveApiOf(system(globex, 'erp'));
  const odoo = async <Row>(model: string, fields: readonly string[], domain: unknown[], more = {}): Promise<Row[]> =>
    odooRows<Row>(await erp(), { calls: 0 }, model, [fields, domain, more]);
  const question = async (tenant: string): Promise<ReturnType<typeof dealsIn>> => {
    const { content, failed } = await call(tenant, 'query_records', questionArguments);
    expect(failed).toBe(false);
    return dealsIn(content as { columns: string[]; rows: unknown[][] });
  };
  const answerOfApis = async (tenant: string): Promise<Awaited<ReturnType<typeof liveFanOut>>> => {
    if (tenant === 'acme') return liveFanOut(await liveApiOf(stage.crm), await liveApiOf(stage.support), new Date());
    const [desk, calendar] = [system(globex, 'support'), system(globex, 'calendar')];
    const apis = { erp: await erp(), desk: await liveApiOf(desk), calendar: await liveApiOf(calendar) };
    return liveFanOutAtGlobex(apis, new Date());
  };

  it.each(['acme', 'globex'])('is answered at %s as by the APIs of its own systems', async (tenant) => {
    const asked = await question(tenant);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(differences(asked, (await answerOfApis(tenant)).deals)).toEqual([]);
  });

  it.each(['acme', 'globex'])('is a tool of its own for a narrow agent of %s', async (tenant) => {
    const watch = agentOf(tenant, 'renewals-watch');
    expect((await watch.tools()).toSorted(byText)).toEqual(['open_tickets_of', 'pipeline_in_euro', 'renewals_at_risk']);
    const refsOf = ({ columns, rows }: { columns: string[]; rows: string[][] }): string[] =>
      rows.map((row) => row[columns.indexOf('_ref')] ?? '').toSorted(byText);
    const { content } = await watch.call('renewals_at_risk', {});
    const { content: asked } = await call(tenant, 'query_records', questionArguments);
    expect(refsOf(content as never)).toEqual(refsOf(asked as never));
    const more = await watch.call('renewals_at_risk', { tickets_over: 1_000_000 });
    expect(more.content).toMatchObject({ rows: [] });
    const pipeline = await watch.call('pipeline_in_euro', {});
    expect(pipeline).toMatchObject({ failed: false });
  });

  it('brings contracts of all currencies to one, at the rates of the policy', async () => {
    const open = { stage: ['qualification', 'discovery', 'proposal', 'negotiation'], kind: 'renewal' };
    const [row] = await rowsOf('globex', {
      object: 'deal',
      filter: open,
      measures: [{ sum: 'contract_value', in: 'EUR', as: 'worth' }],
    });
    const per = await rowsOf('globex', {
      object: 'deal',
      filter: open,
      measures: [{ sum: 'contract_value', as: 'worth' }],
      group_by: ['currency'],
    });
    const rates: Readonly<Record<string, number>> = { EUR: 1, CHF: 0.93, USD: 1.16 };
    expect(per.length).toBe(3);
    const expected = per.reduce((sum, [currency, worth]) => sum + Number(worth) / (rates[String(currency)] ?? NaN), 0);
    expect(Number(row?.[0])).toBeCloseTo(expected, 0);
    const foreign = { ...open, currency: { ne: 'EUR' } };
    expect(await count('globex', 'deal', { ...foreign, amount: { is_null: false } })).toBe(0);
    expect(await count('globex', 'deal', foreign)).toBeGreaterThan(0);
  });

  it('finds the account of every ticket by a domain of its organization', async () => {
    expect(await count('globex', 'ticket')).toBeGreaterThan(100);
    const alone = await count('globex', 'support.tickets', { organization_id: null });
    expect(await count('globex', 'ticket', { account: null })).toBe(alone);
  });

  it('reads the stages that people typed', async () => {
    const typed = await odoo<{ x_state: string | false }>('x_renewal', ['x_state'], []);
    const spellings = new Set(typed.map(({ x_state: state }) => state));
    expect(spellings.size).toBeGreaterThan(12);
    expect(await count('globex', 'deal', { kind: 'renewal', stage: null })).toBe(0);
    const won = typed.filter(({ x_state: state }) => /^\s*(gewonnen|won|vinto)\s*$/i.test(String(state)));
    expect(await count('globex', 'deal', { kind: 'renewal', stage: 'won' })).toBe(won.length);
  });

  it('finds won leads of partners in three countries, in Odoo’s own words and in SQL', async () => {
    const countries = ['DE', 'FR', 'IT'];
    const expected = await odoo<{ id: number; name: string; expected_revenue: number }>(
      'crm.lead',
      ['name', 'expected_revenue'],
      [
        ['stage_id.is_won', '=', true],
        ['partner_id.country_id.code', 'in', countries],
      ],
      { order: 'expected_revenue desc', limit: 5, context: { active_test: false } },
    );
    expect(expected.length).toBe(5);
    const rows = await rowsOf('globex', {
      object: 'erp.crm.lead',
      filter: { 'stage_id.is_won': true, 'partner_id.country_id.code': countries },
      fields: ['name', 'expected_revenue', 'partner_id.country_id.code'],
      sort: [{ field: 'expected_revenue', dir: 'desc' }],
      limit: 5,
    });
    expect(rows.map(([name, amount]) => [name, Number(amount)])).toEqual(
      expected.map(({ name, expected_revenue: amount }) => [name, amount]),
    );
    expect(rows.every((row) => countries.includes(String(row[2])))).toBe(true);
    const sql = await rowsOf(
      'globex',
      {
        sql:
          'select l.name, l.expected_revenue, c.code from erp."crm.lead" l join erp."crm.stage" s on s.id = l.stage_id ' +
          'join erp."res.partner" p on p.id = l.partner_id join erp."res.country" c on c.id = p.country_id ' +
          "where s.is_won and c.code in ('DE', 'FR', 'IT') order by l.expected_revenue desc limit 5",
      },
      'query_sql',
    );
    expect(sql.map(([name, amount]) => [name, Number(amount)])).toEqual(
      expected.map(({ name, expected_revenue: amount }) => [name, amount]),
    );
  });

  it('finds recent German opportunities above 50,000', async () => {
    const expected = await odoo<{ name: string }>(
      'crm.lead',
      ['name'],
      [
        ['type', '=', 'opportunity'],
        ['partner_id.country_id.code', '=', 'DE'],
        ['expected_revenue', '>', 50_000],
        ['write_date', '>', new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 19).replace('T', ' ')],
      ],
      { context: { active_test: false } },
    );
    expect(expected.length).toBeGreaterThan(0);
    const rows = await rowsOf('globex', {
      object: 'erp.crm.lead',
      filter: {
        type: 'opportunity',
        'partner_id.country_id.code': 'DE',
        expected_revenue: { gt: 50_000 },
        write_date: { gt: { ago: '365d' } },
      },
      fields: ['name'],
      limit: 200,
    });
    expect(rows.map(([name]) => String(name)).toSorted(byText)).toEqual(
      expected.map(({ name }) => name).toSorted(byText),
    );
    // The product's own words find them too.
    const named = await rowsOf('globex', {
      object: 'deal',
      filter: { kind: null, 'account.country': 'Germany', amount: { gt: 50_000 } },
      fields: ['name'],
      limit: 200,
    });
    expect(named.map(([name]) => name)).toEqual(expect.arrayContaining(expected.map(({ name }) => name)));
  });

  it('finds the last three interactions with European clients', async () => {
    const europe = ['AT', 'CH', 'DE', 'FR', 'GB', 'IT', 'NL'];
    const expected = await odoo<{ id: number }>(
      'mail.message',
      ['date'],
      [['author_id.country_id.code', 'in', europe]],
      { order: 'date desc, id desc', limit: 3 },
    );
    const rows = await rowsOf('globex', {
      object: 'erp.mail.message',
      filter: { 'author_id.country_id.code': europe },
      fields: ['date', 'subject', 'author_id.name'],
      sort: [{ field: 'date', dir: 'desc' }],
      limit: 3,
    });
    expect(rows.map((row) => String(row[3]).split('/').at(-1))).toEqual(expected.map(({ id }) => String(id)));
  });

  it('counts a meeting once that the CRM and a calendar know', async () => {
    const inCrm = stage.crm.health.counts['Event'] ?? 0;
    const linked = { organizer_self: true, attendees_external_domain: { is_null: false } };
    const fromCalendar = await count('acme', 'calendar.events', linked);
    const all = await count('acme', 'meeting');
    const calendarOnly = await count('acme', 'meeting', { crm_id: null });
    expect(all).toBe(inCrm + calendarOnly);
    expect(calendarOnly).toBeGreaterThan(0);
    expect(fromCalendar).toBeGreaterThan(calendarOnly);
    // The CRM says what kind of meeting it was.
    expect(await count('acme', 'meeting', { kind: 'qbr' })).toBe(
      await count('acme', 'crm.Event', { Besprechungsart__c: 'QBR' }),
    );
  });

  it('follows what people change in Odoo and in the calendar', async () => {
    const [deal, ...others] = await question('globex');
    if (deal === undefined) throw new Error('there is no deal to change');
    await system(globex, 'erp').mutate({
      op: 'update',
      object: 'x_renewal',
      id: deal.id,
      fields: { x_state: ' VINTO' },
    });
    await globex.operator.sync('erp', ['x_renewal']);
    const ids = async (): Promise<string[]> => (await question('globex')).map(({ id }) => id).toSorted(byText);
    await expect.poll(ids, ARRIVES).toEqual(others.map(({ id }) => id).toSorted(byText));

    const [second] = others;
    if (second === undefined) throw new Error('there is no second deal');
    const [row] = await rowsOf('globex', {
      object: 'deal',
      filter: { crm_id: `x_renewal,${second.id}` },
      fields: ['account.website'],
    });
    const host = new URL(String(row?.[0])).hostname.replace(/^www\./, '');
    const dateTime = new Date(Date.now() - 86_400_000).toISOString();
    await system(globex, 'calendar').mutate({
      op: 'create',
      object: 'events',
      fields: {
        summary: 'QBR finalmente',
        start: { dateTime },
        end: { dateTime: new Date(Date.parse(dateTime) + 3_600_000).toISOString() },
        attendees: [{ email: `anna@${host}` }],
      },
    });
    await globex.operator.sync('calendar', ['events']);
    await expect.poll(ids, ARRIVES).not.toContain(second.id);
    expect(differences(await question('globex'), (await answerOfApis('globex')).deals)).toEqual([]);
  });

  it('loses what was deleted in Odoo, which tells nobody, when the ids are compared', async () => {
    const [deal] = await question('globex');
    if (deal === undefined) throw new Error('there is no deal to delete');
    const isThere = () => count('globex', 'deal', { crm_id: `x_renewal,${deal.id}` });
    expect(await isThere()).toBe(1);
    await system(globex, 'erp').mutate({ op: 'delete', object: 'x_renewal', id: deal.id });
    const found = await stage.gantry.callers.find(await globex.keyFor('renewals-copilot'));
    if (found === null) throw new Error('no caller');
    const { tenant } = found.caller;
    // A day later, as far as the list of ids is concerned.
    await stage.gantry.db.tenantTx(tenant, (tx) =>
      tx.query("update sweep set ended_at = ended_at - interval '2 days' where tenant = $1", [tenant]),
    );
    await globex.operator.sync('erp', ['x_renewal']);
    await expect.poll(isThere, ARRIVES).toBe(0);
  });

  it('shows neither customer anything of the other', async () => {
    const object = async (tenant: string, name: string): Promise<unknown> =>
      (await call(tenant, 'query_records', { object: name, limit: 1 })).content['code'];
    expect(await object('acme', 'erp.res.partner')).toBe('query_object_unknown');
    expect(await object('globex', 'crm.Account')).toBe('query_object_unknown');
    const names = async (tenant: string): Promise<string[]> => {
      const rows = await rowsOf(tenant, { object: 'account', fields: ['name'], limit: 200 });
      return rows.map(([name]) => String(name));
    };
    const [ours, theirs] = [await names('acme'), await names('globex')];
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
    expect(await count('globex', 'account', { name: ours })).toBe(0);
    const sql = await call('globex', 'query_sql', { sql: 'select Name from crm."Account" limit 1' });
    expect(sql.failed).toBe(true);
  });

  it('leaves out what a customer’s overlay leaves out, and brings it back', async () => {
    const [owner] = await rowsOf('acme', {
      object: 'crm.Opportunity',
      measures: [{ count: '*', as: 'n' }],
      group_by: ['OwnerId'],
      sort: [{ field: 'n', dir: 'desc' }],
      limit: 1,
    });
    const salesOps = String(owner?.[0]);
    const before = { deals: await count('acme', 'deal'), accounts: await count('acme', 'account') };
    const overlay = async (method: 'PUT' | 'DELETE', body?: object): Promise<number> => {
      const response = await fetch(`${stage.url}/v1/tenants/acme/overlay`, {
        method,
        headers: { authorization: `Bearer ${stage.operatorKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.status;
    };
    const yaml = [
      'tenant: acme',
      'integrations:',
      '  crm:',
      '    objects:',
      '      # Sales operations keeps test deals.',
      `      Opportunity: { where: { OwnerId: { ne: ${salesOps} } } }`,
      '      Account: { where: { Kundensegment__c: Enterprise } }',
    ].join('\n');
    expect(await overlay('PUT', { yaml })).toBe(200);
    const enterprise = await count('acme', 'crm.Account', { Kundensegment__c: 'Enterprise' });
    expect(enterprise).toBeLessThan(before.accounts);
    await expect.poll(() => count('acme', 'account'), ARRIVES).toBe(enterprise);
    expect(await count('acme', 'deal')).toBe(before.deals - Number(owner?.[1]));
    expect(await count('globex', 'account')).toBeGreaterThan(enterprise);
    expect(await overlay('DELETE')).toBe(200);
    await expect.poll(() => count('acme', 'account'), ARRIVES).toBe(before.accounts);
    expect(await count('acme', 'deal')).toBe(before.deals);
  });
});
