import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLinkUseCases } from '../../src/app/access/link-use-cases.ts';
import { auditAppender, checkpointKey, verifyAudit, type AuditEntry } from '../../src/audit/index.ts';
import { canonicalJson, systemClock, systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { createLens, soleOwner, type Lens } from '../../src/lens/index.ts';
import {
  addLetter,
  findCutoff,
  ingestRecords,
  keepShares,
  noteSeen,
  presentRecords,
  saveQuarantine,
  type SqlParam,
} from '../../src/store/index.ts';
import { ingest, tombstone, version } from '../store/fixtures.ts';
import { toldIn } from '../support/told-in.ts';
import { fillRow } from './fill-row.ts';
import { addCustomer, filesWith, openErasureStage, tablesWith, type Customer, type ErasureStage } from './stage.ts';

const EMAIL = 'Jane.Canary@example.com';
const ID = '003JANECANARY';
const NAME = 'Janina Canarysson';
const CANARIES = [EMAIL, EMAIL.toLowerCase(), ID, NAME];

/** One person in every place that there is, erased over real HTTP; others beside her, who stay. */
describe("a person's erasure", { timeout: 300_000 }, () => {
  let stage: ErasureStage;
  let acme: Customer;
  let elsewhere: Lens;
  let globex: Customer;
  let proof: JsonObject;

  const erasures = '/v1/tenants/acme/erasures';
  const jane = { email: EMAIL, users: ['jane'], texts: [NAME] };
  const row = (table: string, values: Readonly<Record<string, SqlParam>>): Promise<void> =>
    fillRow(stage.gantry.db, table, { tenant: acme.tenant, ...values });
  const live = async (of: Customer, stream: Customer['contact'], id: string): Promise<JsonObject | null> => {
    const { db } = stage.gantry;
    const found = await db.tenantRead(of.tenant, (tx) => presentRecords(tx, { tenant: of.tenant, stream }, [id]));
    return found[0]?.doc ?? null;
  };
  const lensRows = async (stream: Customer['contact']): Promise<string[]> => {
    const { layout } = await stage.gantry.catalogues.of(acme.tenant);
    const table = layout.tables.find((each) => each.stream === stream);
    if (table === undefined) throw new Error('no such table');
    const sql = `select "Id" from "${table.schema}"."${table.name}" order by 1`;
    await stage.gantry.lens.catchUp(acme.tenant);
    const answer = await stage.gantry.lens.read(acme.tenant, { sql, params: [], timeoutMs: 20_000, streams: [stream] });
    return answer.rows.map(([id]) => String(id));
  };

  const verified = () => {
    const { config, db } = stage.gantry;
    const { id, publicKey } = checkpointKey(config.masterKey);
    return verifyAudit(db, acme.tenant, [], new Map([[id, publicKey]]));
  };

  beforeAll(async () => {
    stage = await openErasureStage();
    const { db } = stage.gantry;
    acme = await addCustomer(db, 'acme');
    globex = await addCustomer(db, 'globex');
    for (const of of [acme, globex]) {
      const contacts = { tenant: of.tenant, stream: of.contact };
      const tasks = { tenant: of.tenant, stream: of.task };
      await ingest(db, contacts, [
        version(ID, { Id: ID, Name: 'Jane', Mail: 'old@example.com' }, 1),
        version('003JOHN', { Id: '003JOHN', Name: 'John', Mail: 'john@example.com' }, 1),
      ]);
      await ingest(db, contacts, [version(ID, { Id: ID, Name: NAME, Mail: EMAIL }, 2)]);
      await ingest(db, tasks, [
        version('00T1', { Id: '00T1', Subject: 'Call', Description: `Ask ${EMAIL.toUpperCase()} first` }, 1),
      ]);
      await ingest(db, tasks, [
        version('00T1', { Id: '00T1', Subject: 'Call', Description: `Ask ${NAME}, please` }, 2),
        version('00T2', { Id: '00T2', Subject: 'Nobody', Description: 'Nothing' }, 2),
      ]);
    }
    await everywhere(row, acme);
    await db.tenantTx(acme.tenant, (tx) => audit(tx, acme.tenant, told), 'test.append');
    await stage.gantry.lens.snapshot(acme.tenant);
    // As another process has it, which hears of nothing while she is erased.
    elsewhere = createLens({
      dir: join(stage.dataDir, 'elsewhere'),
      db,
      clock: systemClock,
      layout: async (tenant) => (await stage.gantry.catalogues.of(tenant)).layout,
      owners: { ...soleOwner, mayHold: false },
    });
    await elsewhere.catchUp(acme.tenant);
  }, 300_000);
  afterAll(async () => {
    await elsewhere.close();
    await stage.close();
  });

  it('is said beforehand by place and object, without a value, and changes nothing', async () => {
    const before = await tablesWith(stage.gantry.db, CANARIES);
    expect(before).toEqual(
      expect.arrayContaining(['record', 'record_history', 'quarantine', 'inbox_event', 'standing', 'audit_payload']),
    );
    const { status, body } = await stage.ask('POST', erasures, { ...jane, dry_run: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dry_run: true,
      records: { 'crm/Contact': 1 },
      mentions: { 'crm/Task': 1 },
      past_mentions: { 'crm/Task': 1 },
      places: { record: 1, history: 1, quarantine: 2, users: 2, sessions: 1, shares: 1, alerts: 1, audit: 1 },
    });
    const text = JSON.stringify(body).toLowerCase();
    for (const canary of CANARIES) expect(text).not.toContain(canary.toLowerCase());
    expect(await tablesWith(stage.gantry.db, CANARIES)).toEqual(before);
    const report = await stage.run('erase', '--tenant', 'acme', '--email', EMAIL, '--dry-run');
    expect(report).toContain('crm/Contact');
    expect(report.toLowerCase()).not.toContain(EMAIL.toLowerCase());
  });

  it('leaves nothing of her in any table, file or log, and others as they were', async () => {
    expect(await filesWith(join(stage.dataDir, 'lens'), [ID])).not.toEqual([]);
    expect(await filesWith(stage.snapshots, [ID])).not.toEqual([]);
    const { status, body } = await stage.ask('POST', erasures, { ...jane, mentions: true, note: 'ticket 4471' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ state: 'done', note: 'ticket 4471', mentions: true });
    proof = body['proof'] as JsonObject;
    expect(proof).toMatchObject({
      kind: 'gantry_erasure',
      complete: true,
      left: {},
      suppressed: 2,
      removed: { record: 1, history: 2, record_mentions: 1, history_mentions: 2, changes: 3, users: 2 },
    });
    expect(body['proof_sha256']).toBe(
      createHash('sha256')
        .update(canonicalJson(proof as Json))
        .digest('hex'),
    );
    const { db } = stage.gantry;
    const left: string[] = [];
    for (const table of await tablesWith(db, CANARIES)) {
      const [found] = await db.query<{ n: number }>(
        `select count(*)::int as n from "${table}" t where position($2 in lower(t::text)) > 0 and tenant = $1`,
        [acme.tenant, 'canary'],
      );
      if ((found?.n ?? 0) > 0) left.push(table);
    }
    expect(left).toEqual([]);
    const files = await filesWith(join(stage.dataDir, 'lens'), CANARIES);
    expect(files.filter((name) => name.startsWith(`${String(acme.tenant)}.`))).toEqual([]);
    expect(await filesWith(stage.snapshots, CANARIES)).toEqual([]);
    const logged = JSON.stringify(stage.events).toLowerCase();
    for (const canary of CANARIES) expect(logged).not.toContain(canary.toLowerCase());
    expect(await live(acme, acme.contact, '003JOHN')).toMatchObject({ Name: 'John' });
    expect(await live(acme, acme.task, '00T1')).toEqual({ Id: '00T1', Subject: 'Call' });
    expect(await live(globex, globex.contact, ID)).toMatchObject({ Name: NAME });
    expect(await lensRows(acme.contact)).toEqual(['003JOHN']);
  });

  it('leaves nothing in copies that other processes have, once they look again', async () => {
    await elsewhere.release(acme.tenant);
    expect(await filesWith(join(stage.dataDir, 'elsewhere'), CANARIES)).not.toEqual([]);
    await elsewhere.catchUp(acme.tenant);
    await elsewhere.release(acme.tenant);
    // A file that was replaced a moment ago may still be there.
    await expect.poll(() => filesWith(join(stage.dataDir, 'elsewhere'), CANARIES), { timeout: 120_000 }).toEqual([]);
    const asked = await stage.gantry.db.query(
      `select actor from (select body::jsonb -> 'actor' as actor from audit_payload
       where tenant = $1 and kind = 'subject_erased' and body like '%proof_sha256%') e`,
      [acme.tenant],
    );
    expect(asked).toHaveLength(1);
  });

  it('leaves the audit whole: every entry that was emptied is named in the chain, some at a time', async () => {
    const { db } = stage.gantry;
    expect(await verified()).toMatchObject({ erased: told.length - 1, findings: [] });
    const entries = await db.query<{ entries: number[] }>(
      `select array(select jsonb_array_elements_text(body::jsonb #> '{detail,entries}')::int) as entries
       from audit_payload where tenant = $1 and body like '%"entries":%' order by seq`,
      [acme.tenant],
    );
    // Of the record, of the user in two portions, of texts; John's stays.
    expect(entries.map((each) => each.entries.length)).toEqual([1, 1_000, 5, 1]);
    expect(await stage.run('audit', 'verify', '--tenant', 'acme')).toContain('Nothing was changed, removed or moved.');
  });

  it('never empties what tells of emptied entries, whatever texts are looked for', async () => {
    const { db } = stage.gantry;
    const asked = { users: ['nobody'], texts: ['entries', 'gantry'], mentions: true, note: 'ticket 4472 of gantry' };
    const { body } = await stage.ask('POST', erasures, asked);
    expect(body).toMatchObject({ state: 'done', proof: { complete: true, rounds: 1 } });
    const gone = `select 1 from audit_payload where tenant = $1 and kind = 'subject_erased' and body is null`;
    expect(await db.query(gone, [acme.tenant])).toEqual([]);
    expect(await verified()).toMatchObject({ findings: [] });
    // Nor is there a text in it that somebody would have to be erased from.
    expect(
      await db.query(`select 1 from audit_payload where tenant = $1 and body like '%4472%'`, [acme.tenant]),
    ).toEqual([]);
  });

  it('keeps tokens void that were void, without the name', async () => {
    const { db } = stage.gantry;
    const cut = await findCutoff(db, { tenant: acme.tenant, principal: 'jane', agent: 'any' });
    expect(cut).not.toBeNull();
    expect(await findCutoff(db, { tenant: acme.tenant, principal: 'john', agent: 'any' })).toBeNull();
  });

  it('keeps her from coming back by pages and values, under a new connection, too', async () => {
    const { db } = stage.gantry;
    const contacts = { tenant: acme.tenant, stream: acme.contact };
    const counts = await ingest(db, contacts, [version(ID, { Id: ID, Name: NAME, Mail: EMAIL, X: 1 }, 9)]);
    expect(counts).toEqual({ inserted: 0, updated: 0, deleted: 0, unchanged: 1 });
    const task = version('00T1', { Id: '00T1', Subject: 'Called', Description: `To ${NAME}` }, 9);
    await ingest(db, { tenant: acme.tenant, stream: acme.task }, [task]);
    expect(await live(acme, acme.task, '00T1')).toEqual({ Id: '00T1', Subject: 'Called' });
    expect(await live(acme, acme.contact, ID)).toBeNull();
    await db.tenantTx(acme.tenant, async (tx) => {
      expect(await noteSeen(tx, contacts, [ID, '003JOHN'])).toBe(1);
      const present = [ID, '003JOHN'].map((recordId) => ({ id: `s-${recordId}`, recordId, grantee: 'u' }));
      expect(await keepShares(tx, contacts, { present, ended: [], askedAt: tx.now })).toEqual(['003JOHN']);
      const letter = { ...contacts, kind: 'record', state: 'dead', code: 'upstream_malformed' } as const;
      await addLetter(tx, { ...letter, name: ID, class: null, bytesHash: null, place: null });
      const fields = [{ field: 'Fax', reason: 'no number', value: NAME }];
      await saveQuarantine(tx, { ...contacts, schemaVersion: null, records: [{ id: ID, fields }] });
    });
    for (const table of ['sweep_seen', 'share', 'dead_letter', 'quarantine']) {
      const sql = `select 1 from "${table}" t where tenant = $1 and position($2 in t::text) > 0`;
      expect([table, (await db.query(sql, [acme.tenant, ID])).length]).toEqual([table, 0]);
    }
    // The same account, connected once more.
    await fillRow(db, 'connection', { tenant: acme.tenant, id: 90, slug: 'crm-2', provider: 'salesforce' });
    await fillRow(db, 'stream', { tenant: acme.tenant, id: 91, connection: 90, object: 'Contact', phase: 'new' });
    const again = { tenant: acme.tenant, stream: 91 as Customer['contact'] };
    expect(await ingest(db, again, [version(ID, { Id: ID, Name: NAME }, 9)])).toMatchObject({ inserted: 0 });
    expect(await ingest(db, again, [version('003JOHN', { Id: '003JOHN' }, 9)])).toMatchObject({ inserted: 1 });
    expect(
      await ingest(db, { ...again, tenant: globex.tenant, stream: globex.contact }, [version(ID, { N: 2 }, 9)]),
    ).toMatchObject({ updated: 1 });
  });

  it('is lifted by an operator, and by no deletion at her source', async () => {
    const { db } = stage.gantry;
    const contacts = { tenant: acme.tenant, stream: acme.contact };
    const number = String(proof['erasure']);
    const lifted = await stage.run('erase', 'lift', number, '--tenant', 'acme');
    expect(lifted).toContain('2 records and fields');
    const [entry] = await toldIn(db, acme.tenant, { kinds: ['erasure_lifted'] });
    expect(entry).toMatchObject({
      sentence: expect.stringContaining(` lifted erasure ${number}: what it kept out may come in again.`) as string,
      entry: { detail: { erasure: Number(number), let_in_again: 2 } },
    });
    expect(await stage.ask('POST', `${erasures}/${number}/lift`, {})).toMatchObject({
      status: 409,
      body: { code: 'erasure_state_conflict' },
    });
    expect(await ingest(db, contacts, [version(ID, { Id: ID, Name: NAME, Mail: EMAIL }, 10)])).toMatchObject({
      inserted: 1,
    });
    const named = { records: [{ connection: 'crm', object: 'Contact', id: ID }] };
    const { body: again } = await stage.ask('POST', erasures, named);
    expect(again).toMatchObject({
      state: 'done',
      proof: { complete: true, suppressed: 1 },
    });
    expect(await ingest(db, contacts, [tombstone(ID, 11)])).toMatchObject({ deleted: 0 });
    const restored = [version(ID, { Id: ID, Name: NAME }, 12)];
    expect(await ingest(db, contacts, restored)).toMatchObject({ inserted: 0 });
    expect(await live(acme, acme.contact, ID)).toBeNull();
    expect(await stage.run('erase', 'lift', String(again['erasure']), '--tenant', 'acme')).toContain('1 records');
    expect(await ingest(db, contacts, restored)).toMatchObject({ inserted: 1 });
    expect(await lensRows(acme.contact)).toContain(ID);
  });

  it('refuses what names nobody, and what is not there', async () => {
    const asked = async (body: object): Promise<Json> => (await stage.ask('POST', erasures, body)).body;
    expect(await asked({})).toMatchObject({ code: 'bad_request' });
    expect(await asked({ email: 'nobody' })).toMatchObject({ code: 'bad_request' });
    expect(await asked({ users: ['x'], texts: ['abc'] })).toMatchObject({ code: 'bad_request' });
    const named = ['003GONE', '003JOHN'].map((id) => ({ connection: 'crm', object: 'Contact', id }));
    expect(await asked({ records: named, dry_run: true })).toMatchObject({
      records: { 'crm/Contact': 1 },
      not_known_here: ['crm/Contact/003GONE'],
    });
    const told = await stage.run('erase', '--tenant', 'acme', '--record', 'crm/Contact/003GONE', '--dry-run');
    expect(told).toContain('Not known here: crm/Contact/003GONE.');
    const wrong = { records: [{ connection: 'crm', object: 'Kontact', id: '1' }], dry_run: true };
    expect(await asked(wrong)).toMatchObject({ code: 'not_found', suggestions: ['crm/Contact', 'crm-2/Contact'] });
    const { dry_run: _, ...askedFor } = wrong;
    expect(await asked(askedFor)).toMatchObject({ code: 'not_found' });
    const list = await stage.run('erase', 'list', '--tenant', 'acme');
    expect(list).not.toContain('asked');
    expect(list).toContain('ticket 4471');
    expect(await stage.ask('GET', `${erasures}/99`)).toMatchObject({ status: 404 });
    const nobody = await asked({ email: 'nobody@example.com' });
    expect(nobody).toMatchObject({ state: 'done', removed: {}, proof: { complete: true, suppressed: 0 } });
  });

  it('says what names her and was not asked for, and links her no more with all the others', async () => {
    const { db } = stage.gantry;
    const task = version('00T9', { Id: '00T9', Description: 'Tell gina@example.com' }, 20);
    await ingest(db, { tenant: acme.tenant, stream: acme.task }, [task]);
    await row('principal_link', {
      connection: acme.connection,
      principal: 'gina',
      id: 30,
      attributes: JSON.stringify({ email: 'Gina@Example.com' }),
    });
    const { body } = await stage.ask('POST', erasures, { users: ['gina'], texts: ['gina@example.com'] });
    expect(body).toMatchObject({
      state: 'done',
      proof: { complete: true, left: {}, not_asked: { record_mentions: 1 }, suppressed: 0 },
    });
    // Named by her record alone: the addresses in it are hers.
    const nora = version('003NORA', { Id: '003NORA', Mail: 'Nora@Example.com' }, 20);
    await ingest(db, { tenant: acme.tenant, stream: acme.contact }, [nora]);
    const record = { connection: 'crm', object: 'Contact', id: '003NORA' };
    const byRecord = await stage.ask('POST', erasures, { records: [record] });
    expect(byRecord.body).toMatchObject({ state: 'done', proof: { complete: true } });
    const people = [
      { id: '7', name: 'Nora', email: 'nora@example.com', active: true },
      { id: '5', name: 'Gina', email: 'gina@example.com', active: true },
      { id: '6', name: 'Hal', email: 'hal@example.com', active: true },
    ];
    const session = { permissions: { listUsers: async () => ({ users: people, next: null }) } };
    const targets = { ofConnection: async () => ({ session }) as never };
    const append = auditAppender(systemRandom);
    const links = createLinkUseCases({ db, targets, append, wake: () => undefined });
    const all = { tenant: 'acme', connection: 'crm', principals: [], apply: true };
    const linked = { links: [{ principal: 'hal@example.com' }], unmatched: [{ why: 'erased' }, { why: 'erased' }] };
    expect(await links.linkByEmail({ name: 'ops' }, all)).toMatchObject(linked);
    await stage.run('erase', 'lift', String(body['erasure']), '--tenant', 'acme');
    expect(await links.linkByEmail({ name: 'ops' }, all)).toMatchObject({ unmatched: [{ why: 'erased' }] });
    await stage.run('erase', 'lift', String(byRecord.body['erasure']), '--tenant', 'acme');
    expect(await links.linkByEmail({ name: 'ops' }, all)).toMatchObject({ unmatched: [] });
  });

  it('goes on when something comes in while it is under way', async () => {
    const { db } = stage.gantry;
    const contacts = { tenant: acme.tenant, stream: acme.contact };
    await ingest(db, contacts, [version('003LATE', { Id: '003LATE', Mail: 'late@example.com' }, 20)]);
    const kept = stage.gantry.lens.rebuild;
    // Another record of hers is kept just as the copies are being made anew.
    const other = version('003LATE2', { Id: '003LATE2', Mail: 'LATE@example.com' }, 20);
    const lens = stage.gantry.lens as { rebuild: typeof kept };
    let times = 0;
    lens.rebuild = async (tenant) => {
      times += 1;
      if (times === 1) {
        await db.tenantTx(acme.tenant, (tx) => ingestRecords(tx, { ...contacts, records: [other], seenAt: tx.now }));
      }
      return kept(tenant);
    };
    const { body } = await stage.ask('POST', erasures, { email: 'late@example.com' });
    lens.rebuild = kept;
    expect(body).toMatchObject({ state: 'done', proof: { complete: true, rounds: 2, suppressed: 2 } });
    expect(await live(acme, acme.contact, '003LATE2')).toBeNull();
  });

  it('leaves the chain of the audit whole, whatever was erased and lifted', async () => {
    const { erased, findings } = await verified();
    expect(findings).toEqual([]);
    expect(erased).toBeGreaterThanOrEqual(told.length - 1);
  });
});

const audit = auditAppender(systemRandom);
const said = (more: Partial<AuditEntry>): AuditEntry => ({
  kind: 'tool_called',
  actor: { kind: 'agent', agent: 'copilot', principal: 'john' },
  subject: { tool: 'get_records' },
  reason: null,
  amount: null,
  detail: {},
  ...more,
});
/** A chain of which all but John's own entry is about her: her record, herself, more than goes at once, and a text. */
const told: readonly AuditEntry[] = [
  said({}),
  said({ subject: { connection: 'crm', object: 'Contact', record: `crm/Contact/${ID}`, label: NAME } }),
  ...Array.from({ length: 1_005 }, () => said({ actor: { kind: 'agent', agent: 'copilot', principal: EMAIL } })),
  said({ reason: `${NAME} asked for it` }),
];

type Row = (table: string, values: Readonly<Record<string, SqlParam>>) => Promise<void>;

/** Her in every place beside records, John in some of them. */
async function everywhere(row: Row, { tenant, connection, contact, task }: Customer): Promise<void> {
  const at = { stream: contact, ext_id: ID };
  await row('quarantine', { ...at, field: 'Phone', value: NAME, native: JSON.stringify(NAME) });
  await row('quarantine', { ...at, field: 'Fax' });
  await row('quarantine', { stream: task, ext_id: '00T2', field: 'Due', value: EMAIL, native: `"${EMAIL}"` });
  await row('dead_letter', { id: 1, stream: contact, kind: 'record', name: ID });
  await row('inbox_event', { connection, event: 'e1', object: 'Contact', record_id: ID });
  await row('inbox_event', {
    connection,
    event: 'e2',
    object: 'Task',
    dropped: JSON.stringify({ by: 'op', reason: NAME }),
  });
  await row('sweep_seen', at);
  await row('share', { ...at, id: 's1' });
  await row('access_parent', { ...at, parent_stream: task, parent_id: '00T2' });
  await row('access_parent', { stream: task, ext_id: '00T2', parent_stream: contact, parent_id: ID });
  await row('access_recheck', at);
  await row('access_seen', { ...at, link: 5 });
  await row('operator_act', { id: 1, connection, object: 'Contact', name: ID, note: `asked by ${EMAIL}` });
  for (const [principal, id] of [
    [EMAIL, 7],
    ['jane', 8],
    ['john', 9],
  ] as const) {
    await row('principal_link', { connection, principal, id, source_name: principal === 'john' ? 'John' : NAME });
    await row('standing', { connection, principal });
    await row('credential', { connection, principal, user_name: principal === 'john' ? 'John' : NAME });
    await row('access_seen', { stream: contact, ext_id: '003JOHN', link: id });
    await row('local_user', { name: principal });
  }
  await row('subscription', { id: 1, principal: EMAIL, note: NAME });
  await row('subscription_turn', { subscription: 1 });
  await row('subscription', { id: 2, principal: null });
  await row('delivery', { subscription: 2, seq: 1, stream: contact, ext_id: ID });
  await row('sign_in_link', { principal: EMAIL });
  const account = `${String(tenant)}/jane`;
  await row('oauth_item', { kind: 'Session', payload: JSON.stringify({ accountId: account, loginTs: 1 }) });
  await row('token_cutoff', { principal: EMAIL, agent: 'any' });
  await row('alert', { id: 1, key: 'k', detail: `${EMAIL} is wrong`, state: 'open' });
  await writes(row, { connection, contact, task });
}

async function writes(row: Row, { connection }: Pick<Customer, 'connection' | 'contact' | 'task'>): Promise<void> {
  await row('write_plan', {
    id: 'plan_1',
    principal: EMAIL,
    content: JSON.stringify({ intent: { records: [{ id: ID, values: { Name: NAME } }] }, title: 'Update 1 contact' }),
    ended_at: new Date(),
  });
  await row('write', {
    plan: 'plan_1',
    item: 0,
    connection,
    object: 'Contact',
    record_id: ID,
    target: ID,
    ended_at: new Date(),
  });
  await row('write_content', {
    plan: 'plan_1',
    item: 0,
    content: JSON.stringify({ values: { Name: NAME }, recordId: ID, restores: ID }),
  });
  await row('write_attempt', {
    plan: 'plan_1',
    item: 0,
    before: JSON.stringify({ id: ID, values: { Name: 'Jane' } }),
    after: JSON.stringify({ id: ID, values: { Name: NAME } }),
    outcome: JSON.stringify({ kind: 'applied', recordId: ID }),
  });
}
