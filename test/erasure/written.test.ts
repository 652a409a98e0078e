import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditAppender, type AuditEntry } from '../../src/audit/index.ts';
import { systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { addConnection, buryConnection, ensureStream, findConnection, type SqlParam } from '../../src/store/index.ts';
import { ingest, version } from '../store/fixtures.ts';
import { fillRow } from './fill-row.ts';
import { addCustomer, openErasureStage, type Customer, type ErasureStage } from './stage.ts';

const ENDED = { ended_at: new Date('2026-02-01') };
const WRITE_TABLES = ['write', 'write_plan', 'write_content', 'write_attempt', 'approval', 'approval_case'];

interface Written {
  readonly record: string | null;
  /** Of the write; the plan's own is said beside it. */
  readonly over?: boolean;
  readonly planOver?: boolean;
  readonly name: string;
}

/** What is kept of writes outlives what was written: each test has a person of its own. */
describe("a person's erasure, of what was to be written", { timeout: 300_000 }, () => {
  let stage: ErasureStage;
  let acme: Customer;
  let plans = 0;

  const erasures = '/v1/tenants/acme/erasures';
  const row = (table: string, values: Readonly<Record<string, SqlParam>>): Promise<void> =>
    fillRow(stage.gantry.db, table, { tenant: acme.tenant, ...values });
  const proofOf = async (body: object): Promise<JsonObject> => {
    const { body: answer } = await stage.ask('POST', erasures, body);
    expect(answer).toMatchObject({ state: 'done' });
    return answer['proof'] as JsonObject;
  };
  /** Tables of plans and writes in which the text stands. */
  const naming = async (text: string): Promise<string[]> => {
    const found: string[] = [];
    for (const table of WRITE_TABLES) {
      const sql = `select 1 from "${table}" t where tenant = $1 and position($2 in lower(t::text)) > 0`;
      if ((await stage.gantry.db.query(sql, [acme.tenant, text.toLowerCase()])).length > 0) found.push(table);
    }
    return found;
  };
  const written = async ({ record, over = true, planOver = over, name }: Written, at = acme): Promise<string> => {
    plans += 1;
    const plan = `plan_${String(plans)}`;
    const values = { Name: name };
    await row('write_plan', {
      id: plan,
      reason: `asked by ${name}`,
      content: JSON.stringify({
        title: `Update ${name}`,
        intent: { operation: 'create', records: [{ values }], reason: `${name} wants it` },
        problems: [{ message: name }],
        impact: { records: 1, why: name },
        decision: { kind: 'approve', because: [{ rule: 'r', text: name }] },
        question: { principal: 'john', parts: [{ object: 'Contact', rows: [{ 'after.Name': name }] }] },
      }),
      ...(planOver ? ENDED : {}),
    });
    await row('write', {
      plan,
      item: 0,
      connection: at.connection,
      object: 'Contact',
      record_id: record,
      target: record ?? `?Name="${name}"`,
      ...(over ? ENDED : {}),
    });
    await row('write_content', { plan, item: 0, content: JSON.stringify({ values, recordId: record }) });
    await row('write_attempt', { plan, item: 0, after: JSON.stringify({ values }) });
    await row('approval_case', {
      plan,
      round: 1,
      title: `Update ${name}`,
      reason: `${name} wants it`,
      shown: JSON.stringify({ changes: [{ record: name }] }),
      ...ENDED,
    });
    await row('approval', { id: plans, plan, round: 1, reason: `as ${name} wanted`, decided_at: new Date() });
    return plan;
  };

  beforeAll(async () => {
    stage = await openErasureStage();
    acme = await addCustomer(stage.gantry.db, 'acme');
  }, 300_000);
  afterAll(() => stage.close());

  it('finds the writes of a plan that is over, though they were never ended themselves', async () => {
    await written({ record: '003STRANDED', over: false, planOver: true, name: 'Stranded' });
    const proof = await proofOf({ records: [{ connection: 'crm', object: 'Contact', id: '003STRANDED' }] });
    expect(proof).toMatchObject({ complete: true, removed: { write_contents: 1, writes: 1, write_intents: 1 } });
    expect(await naming('003stranded')).toEqual([]);
    const plan = await stage.gantry.db.query<{ content: JsonObject }>(
      `select content from write_plan where tenant = $1 and id = $2`,
      [acme.tenant, `plan_${String(plans)}`],
    );
    expect(plan[0]?.content).toMatchObject({ intent: { records: [] }, question: { parts: [] } });
  });

  it('finds what was never written by what it says, without a record', async () => {
    const name = 'cora@example.com';
    await written({ record: null, name });
    expect(await naming(name)).toEqual(WRITE_TABLES);
    const proof = await proofOf({ email: name });
    expect(proof).toMatchObject({
      complete: true,
      rounds: 1,
      removed: { unwritten_contents: 1, unwritten_journal: 1, unwritten_intents: 1, unwritten_approvals: 1 },
    });
    expect(await naming(name)).toEqual([]);
  });

  it('leaves writes to others that name them where that was not asked for, says so, and empties them where it was', async () => {
    const name = 'Dora "Dee" Roe';
    const asked = { users: ['nobody'], texts: [name] };
    await written({ record: '003OTHER', name });
    const proof = await proofOf(asked);
    const mentioned = { write_mentions: 1, journal_mentions: 1, intent_mentions: 1, approval_mentions: 1 };
    expect(proof).toMatchObject({ complete: true, not_asked: mentioned });
    expect(await proofOf({ ...asked, mentions: true })).toMatchObject({
      complete: true,
      rounds: 1,
      removed: mentioned,
      not_asked: {},
    });
    expect(await naming('dora')).toEqual([]);
    const kept = await stage.gantry.db.query<{ id: string }>(
      `select record_id as id from write where tenant = $1 and record_id = '003OTHER'`,
      [acme.tenant],
    );
    expect(kept).toHaveLength(1);
  });

  it('is not complete while a write waits, ends with 1 then, and says what it is', async () => {
    await written({ record: '003WAITS', over: false, name: 'Waits' });
    const { lines, code } = await stage.runs('erase', '--tenant', 'acme', '--record', 'crm/Contact/003WAITS');
    expect(code).toBe(1);
    expect(lines).toContain('waiting_writes');
    expect(lines).toContain('It is not complete');
    const { body } = await stage.ask('GET', erasures);
    const [last] = body['erasures'] as JsonObject[];
    expect(last?.['proof']).toMatchObject({
      complete: false,
      rounds: 1,
      left: { waiting_writes: 1, waiting_intents: 1 },
    });
    const question = { principal: 'erna', parts: [] };
    await row('write_plan', { id: 'plan_running', principal: 'erna', content: JSON.stringify({ question }) });
    expect(await proofOf({ users: ['erna'] })).toMatchObject({ complete: false, left: { waiting_plans: 1 } });
    const update = `update write_plan set ended_at = now() where tenant = $1 and ended_at is null`;
    await stage.gantry.db.query(update, [acme.tenant]);
    const again = await stage.runs('erase', '--tenant', 'acme', '--record', 'crm/Contact/003WAITS');
    expect(again).toMatchObject({ code: 0 });
    expect(again.lines).not.toContain('It is not complete');
    expect(await naming('003waits')).toEqual([]);
    expect(await proofOf({ users: ['erna'] })).toMatchObject({ complete: true, removed: { user_plans: 1 } });
    expect(await naming('erna')).toEqual([]);
  });

  it('empties entries of records whose ids have slashes', async () => {
    const id = 'ada@example.com/event-1';
    await told(called({ subject: { connection: 'crm', object: 'Contact', record: `crm/Contact/${id}` } }));
    const proof = await proofOf({ records: [{ connection: 'crm', object: 'Contact', id }] });
    expect(proof).toMatchObject({ complete: true, removed: { audit: 1 } });
    expect(await entriesWith('event-1')).toBe(0);
  });

  it('says which calls of tools named a record, and empties them where that was asked for', async () => {
    await told(
      called({ detail: { input: { ids: ['crm/Contact/7'] } } }),
      called({ detail: { input: '{"ids":["crm/Contact/7"],"fields":["Na…' } }),
      called({ detail: { input: { sql: `select 1 from contact where "Id" = '003LONGENOUGH'` } } }),
      called({ detail: { input: { ids: ['crm/Contact/77', 'xcrm/Contact/7'], limit: 7 } } }),
    );
    const records = ['7', '003LONGENOUGH'].map((id) => ({ connection: 'crm', object: 'Contact', id }));
    expect(await proofOf({ records })).toMatchObject({ complete: true, not_asked: { audit_record_mentions: 3 } });
    expect(await proofOf({ records, mentions: true })).toMatchObject({ removed: { audit_record_mentions: 3 } });
    expect(await entriesWith('contact/7')).toBe(1);
    expect(await entriesWith('003longenough')).toBe(0);
  });

  it('finds what was written by a connection that was deleted since, by its name and by the account', async () => {
    const { db } = stage.gantry;
    const { tenant } = acme;
    const old = await db.tenantTx(tenant, async (tx) => {
      const facts = { tenant, slug: 'old', integration: 'crm', provider: 'salesforce', state: 'working' };
      const connection = await addConnection(tx, facts);
      const stream = await ensureStream(tx, { tenant, connection, object: 'Contact', everyS: 3_600 });
      await tx.query(`update connection set account_id = 'org-1' where tenant = $1`, [tenant]);
      return { ...acme, connection, contact: stream };
    });
    await written({ record: '003FIRST', name: 'First' }, old);
    await written({ record: '003SECOND', name: 'Second' }, old);
    await told(called({ subject: { connection: 'old', object: 'Contact', record: 'old/Contact/003SECOND' } }));
    await db.tenantTx(tenant, async (tx) => {
      const found = await findConnection(tx, tenant, 'old');
      if (found === null) throw new Error('no such connection');
      await buryConnection(tx, { tenant, row: found, by: 'test', note: null });
    });
    const named = { records: [{ connection: 'old', object: 'Contact', id: '003FIRST' }] };
    expect(await proofOf(named)).toMatchObject({
      complete: true,
      suppressed: 1,
      removed: { write_contents: 1, writes: 1 },
    });
    expect(await naming('003first')).toEqual([]);
    // What is left out is left out of the same account, whoever connects it.
    const contacts = { tenant, stream: acme.contact };
    expect(await ingest(db, contacts, [version('003FIRST', { Id: '003FIRST' }, 1)])).toMatchObject({ inserted: 0 });
    await ingest(db, contacts, [version('003SECOND', { Id: '003SECOND', Mail: 'second@example.com' }, 1)]);
    expect(await proofOf({ email: 'second@example.com' })).toMatchObject({
      complete: true,
      removed: { record: 1, write_contents: 1, writes: 1, audit: 1 },
    });
    expect(await naming('003second')).toEqual([]);
    const unknown = { records: [{ connection: 'old', object: 'Contact', id: '003NOBODY' }], dry_run: true };
    const { body } = await stage.ask('POST', erasures, unknown);
    expect(body).toMatchObject({ not_known_here: ['old/Contact/003NOBODY'] });
  });

  const told = (...entries: readonly AuditEntry[]): Promise<void> =>
    stage.gantry.db.tenantTx(acme.tenant, (tx) => append(tx, acme.tenant, entries), 'test.append');
  const entriesWith = async (text: string): Promise<number> => {
    const sql = 'select 1 from audit_payload where tenant = $1 and position($2 in lower(body)) > 0';
    return (await stage.gantry.db.query(sql, [acme.tenant, text])).length;
  };
});

const append = auditAppender(systemRandom);
const called = ({
  subject = {},
  detail = {},
}: {
  subject?: AuditEntry['subject'];
  detail?: Record<string, Json>;
}): AuditEntry => ({
  kind: 'tool_called',
  actor: { kind: 'agent', agent: 'copilot', principal: 'john' },
  subject: { tool: 'get_records', ...subject },
  reason: null,
  amount: null,
  detail,
});
