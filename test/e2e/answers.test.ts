import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { dealsIn, differences } from '../../examples/renewals/demo/compare.ts';
import type { LiveApi } from '../../examples/renewals/demo/live-api.ts';
import { liveFanOut } from '../../examples/renewals/demo/live-fan-out.ts';
import { questionArguments } from '../../examples/renewals/demo/question.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import { createAgentKey } from '../../src/app/index.ts';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { signIn, type TestSandbox } from '../support/sandbox.ts';
import { freshDatabase } from '../support/stores.ts';

/** The whole path over HTTP only: two systems, one customer, agents with the official client. */
describe.each(['PGlite', 'PostgreSQL'])('an agent of a connected customer (%s)', (store) => {
  let stage: Stage;
  let agent: Agent;
  let intern: Agent;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-e2e-'));
    cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
    const database = store === 'PGlite' ? null : await freshDatabase();
    if (database !== null) cleanUp.push(database.drop);
    stage = await openStage({
      scale: 4_000,
      seed: 3,
      dataDir,
      databaseUrl: database?.url ?? null,
      port: 0,
      logLevel: 'silent',
    });
    cleanUp.push(() => stage.close());
    await stage.operator.connect('crm', stage.crm);
    await stage.operator.connect('support', stage.support);
    await stage.operator.loaded(['crm', 'support']);
    agent = await connectAgent(stage.url, stage.agentKey);
    intern = await connectAgent(stage.url, await keyFor('support-intern'));
    cleanUp.push(
      () => agent.close(),
      () => intern.close(),
    );
    await lensFollows();
  });
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const keyFor = (name: string): Promise<string> =>
    createAgentKey(
      { db: stage.gantry.db, revisions: stage.gantry.revisions, random: systemRandom },
      { tenant: stage.tenant, agent: name, label: 'test', expiresInDays: 1 },
    );
  /** The lens follows within moments of the first load; tests start when it has. */
  const lensFollows = async (): Promise<void> => {
    const found = await stage.gantry.callers.find(stage.agentKey);
    if (found !== null) await stage.gantry.lens.catchUp(found.caller.tenant);
  };
  const live = async (): Promise<Awaited<ReturnType<typeof liveFanOut>>> =>
    liveFanOut(await tokenFor(stage.crm, 'salesforce'), await tokenFor(stage.support, 'zendesk'), new Date());
  const ask = (args: Readonly<Record<string, unknown>>, who = agent) => who.call('query_records', args);

  it('gets the answer that a live fan-out over both systems gets', async () => {
    const { content, failed } = await ask(questionArguments);
    expect(failed).toBe(false);
    const answer = content as { columns: string[]; rows: unknown[][] };
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(differences(dealsIn(answer), (await live()).deals)).toEqual([]);
  });

  it('is told how fresh the answer is, and where each row came from', async () => {
    const { content } = await ask({ object: 'ticket', fields: ['subject', 'account.name'], limit: 3 });
    expect(content).toMatchObject({
      freshness: { as_of: expect.stringMatching(/^\d{4}-/), age_s: expect.any(Number) },
      sources: expect.arrayContaining([
        expect.objectContaining({ ref: 'support/tickets/', system: 'zendesk', trust: 'engagement' }),
      ]),
    });
  });

  it('gets the same numbers from SQL', async () => {
    const structured = await ask({
      object: 'deal',
      measures: [
        { count: '*', as: 'n' },
        { sum: 'amount', as: 'total' },
      ],
      group_by: ['stage'],
      sort: [{ field: 'stage' }],
    });
    const sql = await agent.call('query_sql', {
      sql: 'select stage, count(*) as n, sum(amount) as total from deal group by stage order by stage',
    });
    expect(sql.failed).toBe(false);
    const rows = (result: typeof sql): unknown[][] => {
      const { columns, rows: all } = result.content as { columns: string[]; rows: unknown[][] };
      return all.map((row) => ['stage', 'n', 'total'].map((name) => row[columns.indexOf(name)]));
    };
    expect(rows(sql)).toEqual(rows(structured));
  });

  it('reads objects that only this customer has', async () => {
    const found = await agent.call('search_catalog', { query: 'Vertrag', limit: 20 });
    expect(JSON.stringify(found.content)).toContain('crm.Vertrag__c');
    const { content, failed } = await ask({ object: 'crm.Vertrag__c', limit: 2 });
    expect(failed).toBe(false);
    expect((content as { rows: unknown[] }).rows.length).toBeGreaterThan(0);
  });

  it('sees an upstream change, a new record and a deletion', async () => {
    const { content } = await ask({ object: 'account', fields: ['name'], limit: 1 });
    const { columns, rows } = content as { columns: string[]; rows: string[][] };
    const id = rows[0]?.[columns.indexOf('_ref')]?.split('/').at(-1) ?? '';
    await stage.crm.mutate({ op: 'update', object: 'Account', id, fields: { Name: 'Anders SE' } });
    const created = await stage.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Ganz Neu GmbH' } });
    await stage.operator.sync('crm', ['Account']);
    const named = async (name: string): Promise<number> => {
      const found = await ask({ object: 'account', filter: { name } });
      return (found.content as { rows: unknown[] }).rows.length;
    };
    await expect.poll(() => named('Anders SE'), { timeout: 120_000 }).toBe(1);
    await expect.poll(() => named('Ganz Neu GmbH'), { timeout: 120_000 }).toBe(1);
    await stage.crm.mutate({ op: 'delete', object: 'Account', id: created.id });
    await stage.operator.sync('crm', ['Account']);
    await expect.poll(() => named('Ganz Neu GmbH'), { timeout: 120_000 }).toBe(0);
  });

  it('waits until what just happened upstream is there, and tells what changed, what is gone and what it was', async () => {
    interface Told {
      readonly rows: readonly (readonly string[])[];
      readonly deleted: readonly string[];
      readonly freshness: { readonly as_of: string };
      readonly history: readonly { readonly changed: object }[];
    }
    const told = async (args: Readonly<Record<string, unknown>>): Promise<Told> => {
      const { content, failed } = await ask({ object: 'account', fields: ['name'], ...args });
      expect([failed, content]).toEqual([false, expect.anything()]);
      return content as unknown as Told;
    };
    const before = await told({ limit: 1 });
    const [name = '', ref = ''] = before.rows[0] ?? [];
    await stage.crm.mutate({
      op: 'update',
      object: 'Account',
      id: ref.split('/').at(-1) ?? '',
      fields: { Name: 'Später SE' },
    });
    const created = await stage.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Kurz Da GmbH' } });
    const since = { changed_since: before.freshness.as_of };
    const after = await told({ ...since, min_as_of: new Date().toISOString() });
    expect(after.rows.map((row) => row[0])).toEqual(expect.arrayContaining(['Später SE', 'Kurz Da GmbH']));
    await stage.crm.mutate({ op: 'delete', object: 'Account', id: created.id });
    const { rows, deleted } = await told({ ...since, min_as_of: new Date().toISOString() });
    expect(deleted).toContain(`crm/Account/${created.id}`);
    expect(rows.map((row) => row[0])).not.toContain('Kurz Da GmbH');
    const record = await agent.call('get_record', { object: 'account', id: ref, fields: ['name'], history: 1 });
    expect((record.content as unknown as Told).history).toMatchObject([
      { changed: { name: { from: name, to: 'Später SE' } } },
    ]);
  });

  it('does not exist beyond its grant', async () => {
    expect(await intern.tools()).not.toContain('query_sql');
    const denied = await ask({ object: 'deal' }, intern);
    expect(denied).toMatchObject({ failed: true, content: { code: 'query_object_unknown' } });
    expect(JSON.stringify(denied.content)).not.toMatch(/amount|contact|meeting/);
    const field = await ask({ object: 'ticket', filter: { field: 'description', op: 'contains', value: 'a' } }, intern);
    expect(field).toMatchObject({ failed: true, content: { code: 'query_field_unknown' } });
    const states = await ask({ object: 'ticket', measures: [{ count: '*', as: 'n' }], group_by: ['status'] }, intern);
    const rows = (states.content as { rows: string[][] }).rows.map((row) => row[0]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).not.toContain('solved');
    expect(rows).not.toContain('closed');
  });

  it('loses nothing when the lens is thrown away', async () => {
    const before = await ask(questionArguments);
    const found = await stage.gantry.callers.find(stage.agentKey);
    if (found === null) throw new Error('no caller');
    await stage.gantry.lens.rebuild(found.caller.tenant);
    const after = await ask(questionArguments);
    const rows = (result: typeof after): unknown => (result.content as { rows: unknown }).rows;
    expect(rows(after)).toEqual(rows(before));
  });
});

async function tokenFor(sandbox: TestSandbox, provider: string): Promise<LiveApi> {
  const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
  const { tokens } = await signIn(sandbox, requireConnector(registry, provider));
  return { apiUrl: tokens.apiUrl, accessToken: tokens.accessToken };
}
