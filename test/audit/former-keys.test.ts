import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditParts } from '../../src/app/audit/audit-parts.ts';
import { verifyCopy } from '../../src/app/index.ts';
import { auditAppender, checkpointKey, emptiedEntry, type AuditEntry } from '../../src/audit/index.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { systemClock, systemRandom, type JsonObject, type TenantId } from '../../src/kernel/index.ts';
import { addCheckpoint, addTenant, pruneAudit, readAuditHead, type Db, type Tx } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';

const DAY_MS = 86_400_000;
const [former, present] = [systemRandom.bytes(32), systemRandom.bytes(32)];
const hexOf = (masterKey: Uint8Array): string => Buffer.from(checkpointKey(masterKey).publicKey).toString('hex');

const entry = (n: number): AuditEntry => ({
  kind: 'write_ended',
  actor: { kind: 'gantry' },
  subject: { record: `crm/Account/${String(n)}` },
  reason: null,
  amount: null,
  detail: {},
});

/** A chain of before a new master key: signed, cut off by age, and with what an erasure emptied. */
describe('what was signed under a former master key', () => {
  const open = openerOf('pglite');
  let db: Db;
  let tenant: TenantId;
  let dataDir: string;
  const append = auditAppender(systemRandom);

  const signed = async (tx: Tx, masterKey: Uint8Array, hash: Uint8Array | null = null): Promise<void> => {
    const head = await readAuditHead(tx, tenant);
    if (head === null) throw new Error('there is a chain');
    const said = { tenant: 'acme', number: tenant, seq: head.seq, hash: hash ?? head.hash, at: tx.now };
    await addCheckpoint(tx, tenant, signCheckpoint(checkpointKey(masterKey), said));
  };

  beforeAll(async () => {
    db = await open();
    dataDir = await mkdtemp(join(tmpdir(), 'gantry-former-'));
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    await db.tenantTx(
      tenant,
      async (tx) => {
        const then: Tx = {
          now: new Date(tx.now.getTime() - 200 * DAY_MS),
          query: (text, params) => tx.query(text, params),
        };
        await append(then, tenant, [entry(1), entry(2)]);
        await signed(then, former);
        await append(tx, tenant, [entry(3), entry(4)]);
        await tx.query(
          `update audit_payload set salt = null, body = null, record = null, record_key = null where tenant = $1 and seq = 3`,
          [tenant],
        );
        await append(tx, tenant, [emptiedEntry(checkpointKey(former), { tenant, erasure: 1, entries: [3] })]);
        await signed(tx, former);
        await pruneAudit(tx, { tenant, before: new Date(tx.now.getTime() - 190 * DAY_MS), limit: 10 });
        await append(tx, tenant, [entry(6)]);
        await signed(tx, present);
      },
      'test.former',
    );
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  const verified = (config: {
    readonly otherMasterKeys?: readonly Uint8Array[];
    readonly auditPublicKeys?: readonly Uint8Array[];
  }): Promise<JsonObject> => {
    const parts = createAuditParts({
      config: { masterKey: present, otherMasterKeys: [], dataDir, ...config },
      db,
      clock: systemClock,
      random: systemRandom,
      emit: () => undefined,
      slugOf: async () => 'acme',
      revisions: { current: async () => null },
    });
    return parts.audit.verify({ name: 'root' }, { tenant: 'acme' });
  };
  const whole = {
    ok: true,
    findings: [],
    unknown_keys: [],
    checkpoints: { database: 3, badly_signed: 0, key_unknown: 0 },
  };

  it('is not taken for changed where that key is not known, and which it is is said', async () => {
    const unknown = {
      ok: false,
      unknown_keys: [checkpointKey(former).id],
      checkpoints: { badly_signed: 0, key_unknown: 2 },
      findings: [
        { kind: 'begin_key_unknown', seq: 2 },
        { kind: 'erased_key_unknown', seq: 3 },
      ],
    };
    expect(await verified({})).toMatchObject(unknown);
    expect(await verifyCopy(db, { tenant: 'acme', text: '', publicKeys: [hexOf(present)] })).toMatchObject(unknown);
  });

  it('verifies with the former master key, and with the public key that went with it alone', async () => {
    expect(await verified({ otherMasterKeys: [former] })).toMatchObject(whole);
    expect(await verified({ auditPublicKeys: [checkpointKey(former).publicKey] })).toMatchObject(whole);
    const publicKeys = [hexOf(present), hexOf(former)];
    expect(await verifyCopy(db, { tenant: 'acme', text: '', publicKeys })).toMatchObject(whole);
  });

  it('proves nothing that is not so: another chain, or a signature that is none', async () => {
    await db.tenantTx(
      tenant,
      async (tx) => {
        await append(tx, tenant, [entry(7)]);
        await signed(tx, former, new Uint8Array(32));
      },
      'test.forged',
    );
    // Where nobody can tell who signed it, nothing is made of what it says.
    expect((await verified({}))['findings']).not.toContainEqual(
      expect.objectContaining({ kind: 'checkpoint_differs' }),
    );
    expect(await verified({ otherMasterKeys: [former] })).toMatchObject({
      ok: false,
      findings: [{ kind: 'checkpoint_differs', seq: 7 }],
    });
    // A name of a key that is none is no former key's, nor is a known one's that did not sign.
    await db.query(`update audit_checkpoint set key_id = 'any' where tenant = $1 and seq = 7`, [tenant]);
    expect(await verified({})).toMatchObject({ checkpoints: { badly_signed: 1, key_unknown: 2 } });
    const { id } = checkpointKey(present);
    await db.query(`update audit_checkpoint set key_id = $2 where tenant = $1 and seq = 7`, [tenant, id]);
    expect(await verified({})).toMatchObject({ checkpoints: { badly_signed: 1, key_unknown: 2 } });
  });
});
