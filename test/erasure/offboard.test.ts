import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgentKey } from '../../src/app/index.ts';
import { INSTALLATION_CHAIN } from '../../src/audit/index.ts';
import { canonicalJson, systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { addConnection, tenantDirectories, tenantTables, type SqlParam } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { ingest, version } from '../store/fixtures.ts';
import { toldIn } from '../support/told-in.ts';
import { fillRow } from './fill-row.ts';
import { addCustomer, openErasureStage, tablesWith, type Customer, type ErasureStage } from './stage.ts';

/** Keys of some tables are keys over all tenants. */
function ownKey(table: string, tenant: number): Record<string, SqlParam> {
  const bytes = new Uint8Array(
    createHash('sha256')
      .update(`${table} ${String(tenant)}`)
      .digest(),
  );
  if (['api_key', 'connect_token', 'sign_in_link', 'approval_link'].includes(table)) return { hash: bytes };
  if (table === 'oauth_state') return { state_hash: bytes };
  if (table === 'oauth_item') return { id: bytes };
  if (table === 'webhook_address') return { address: String(tenant) };
  return table === 'deleted_connection' ? { id: 77, slug: 'past' } : {};
}

/** Two customers with a row in every table; one leaves. */
describe('a tenant that leaves', { timeout: 300_000 }, () => {
  let stage: ErasureStage;
  let acme: Customer;
  let globex: Customer;
  let key: string;
  let proof: JsonObject;
  let tables: string[];
  const context = { connection: null, purpose: 'test' };
  const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
  let sealed: Uint8Array;

  const counts = async (tenant: number): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await stage.gantry.db.query<{ n: number }>(
        `select count(*)::int as n from "${table}" where tenant = $1`,
        [tenant],
      );
      if ((row?.n ?? 0) > 0) found[table] = row?.n ?? 0;
    }
    return found;
  };
  const lensFiles = async (of: Customer): Promise<string[]> => [
    ...(await readdir(join(stage.dataDir, 'lens'))).filter((name) => name.startsWith(`${String(of.tenant)}.`)),
    ...(await readdir(stage.snapshots, { recursive: true })).filter((name) => name.includes(`${String(of.tenant)}/`)),
  ];

  beforeAll(async () => {
    stage = await openErasureStage();
    const { db, revisions } = stage.gantry;
    const rows = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind = 'r' and exists (
         select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and a.attnum > 0) order by 1`,
    );
    tables = rows.map(({ name }) => name).filter((name) => name !== 'offboarding');
    acme = await addCustomer(db, 'acme');
    globex = await addCustomer(db, 'globex');
    for (const of of [acme, globex]) {
      const { tenant } = of;
      sealed = await db.tenantTx(tenant, (tx) => vault.seal(tx, tenant, context, 'secret'));
      await ingest(db, { tenant, stream: of.contact }, [version('003', { Id: '003' })]);
      await stage.gantry.lens.snapshot(tenant);
      // Parents before children: the order in which they are emptied, backwards.
      const known = await counts(tenant);
      for (const table of [...tenantDirectories, ...tenantTables].toReversed()) {
        if (known[table] !== undefined) continue;
        await fillRow(db, table, { tenant, connection: 1, stream: 1, ...ownKey(table, tenant) });
      }
    }
    // One account of acme's own, and one that both draw on.
    await db.query(
      `update connection set account_id = 'jane@acme.com', api_url = 'https://acme.example.com'
      where tenant = $1 and id = $2`,
      [acme.tenant, acme.connection],
    );
    for (const { tenant } of [acme, globex]) {
      const shared = { tenant, slug: 'shared', integration: 'crm', provider: 'salesforce', state: 'working' };
      const account = { accountId: 'shared-org', apiUrl: 'https://shared.example.com' };
      await db.tenantTx(tenant, (tx) => addConnection(tx, { ...shared, ...account }));
    }
    for (const account of ['acme.example.com:jane@acme.com', 'shared.example.com:shared-org']) {
      await fillRow(db, 'budget', { account: `salesforce:${account}`, name: 'daily' });
    }
    key = await createAgentKey(
      { db, revisions, random: systemRandom },
      { tenant: 'acme', agent: 'renewals-copilot', label: 'test', expiresInDays: null },
    );
  }, 300_000);
  afterAll(() => stage.close());

  it('has a row in every table beforehand, files, and a key that works', async () => {
    expect(Object.keys(await counts(acme.tenant))).toEqual(tables);
    expect(await lensFiles(acme)).not.toEqual([]);
    expect((await stage.ask('GET', '/v1/tools', undefined, key)).status).toBe(200);
  });

  it('stays where its name is not said twice', async () => {
    const wrong = await stage.ask('POST', '/v1/offboardings', { tenant: 'acme', confirm: 'globex' });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'offboarding_unconfirmed' } });
    const unknown = await stage.ask('POST', '/v1/offboardings', { tenant: 'acne', confirm: 'acne' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(Object.keys(await counts(acme.tenant))).toEqual(tables);
  });

  it('leaves no row, no file and no key, with a proof that outlives it; the others stay', async () => {
    const others = await counts(globex.tenant);
    const before = await counts(acme.tenant);
    const words = ['tenant', 'offboard', 'acme', '--confirm', 'acme', '--note', 'contract ended'];
    const printed = JSON.parse(await stage.run(...words)) as JsonObject;
    proof = printed['proof'] as JsonObject;
    expect(await counts(acme.tenant)).toEqual({});
    expect(await counts(globex.tenant)).toEqual(others);
    expect(await lensFiles(acme)).toEqual([]);
    expect(await lensFiles(globex)).not.toEqual([]);
    expect((await stage.ask('GET', '/v1/tools', undefined, key)).status).toBe(401);
    expect(await stage.ask('GET', '/v1/connections?tenant=acme')).toMatchObject({ status: 404 });
    expect(proof).toMatchObject({
      kind: 'gantry_offboarding',
      tenant: 'acme',
      connections: expect.arrayContaining([
        expect.objectContaining({ connection: 'crm', at_provider: 'not_offered' }),
        expect.objectContaining({ connection: 'past', at_provider: 'no_grant' }),
        expect.objectContaining({ connection: 'shared', at_provider: 'not_offered' }),
      ]) as Json,
      data_keys: [{ key: 1 }],
      files: { snapshots: 1 },
      rows_left: 0,
      tables_looked_at: tables.length,
      removed: {
        record: before['record'],
        // That its two connections were deleted is told, too.
        audit_payload: Number(before['audit_payload']) + 2,
        data_key: 1,
        overlay: 1,
      },
    });
    // A file that was replaced a moment ago may still be there.
    expect((proof['files'] as { readonly lens_files: number }).lens_files).toBeGreaterThan(0);
    expect(printed['sha256']).toBe(
      createHash('sha256')
        .update(canonicalJson(proof as Json))
        .digest('hex'),
    );
    const shown = JSON.parse(await stage.run('tenant', 'offboardings', '--show', String(proof['offboarding'])));
    expect(shown).toEqual(printed);
  });

  it('is told of in the chain of the installation, as its own goes: who had it leave, why, and that it has', async () => {
    const told = await toldIn(stage.gantry.db, INSTALLATION_CHAIN);
    const who = String(proof['asked_by']);
    expect(told.map(({ kind, sentence }) => [kind, sentence])).toEqual([
      [
        'offboarding_done',
        `acme has left, as ${who} asked: nothing of it is kept here any more. Reason given: “contract ended”.`,
      ],
      [
        'offboarding_asked',
        `${who} had acme leave: all keys and sign-ins of it ended at once, and everything else of it is removed. Reason given: “contract ended”.`,
      ],
    ]);
    const { offboarding } = proof;
    expect(told[0]?.entry?.detail).toMatchObject({ offboarding, tenant: 'acme', number: acme.tenant });
  });

  it("leaves no name of its accounts, unless somebody else's account has it", async () => {
    const { db } = stage.gantry;
    expect(await db.query('select account from budget order by 1')).toEqual([
      { account: 'salesforce:shared.example.com:shared-org' },
    ]);
    expect(await tablesWith(db, ['jane@acme.com'])).toEqual([]);
  });

  it('destroyed the keys: what was sealed opens nowhere', async () => {
    const { db } = stage.gantry;
    const read = db.tenantRead(acme.tenant, (tx) => vault.open(tx, acme.tenant, context, sealed));
    await expect(read).rejects.toMatchObject({ code: 'vault_unreadable' });
    expect(await db.tenantRead(globex.tenant, (tx) => vault.open(tx, globex.tenant, context, sealed))).toBe('secret');
  });

  it('frees the name, never the number', async () => {
    const again = await addCustomer(stage.gantry.db, 'acme');
    expect(again.tenant).toBeGreaterThan(globex.tenant);
    expect((await stage.ask('GET', '/v1/connections?tenant=acme')).status).toBe(200);
    await expect(stage.gantry.lens.catchUp(acme.tenant)).rejects.toMatchObject({ code: 'not_found' });
    expect(await lensFiles(acme)).toEqual([]);
  });
});
