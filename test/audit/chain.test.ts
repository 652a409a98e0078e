import { beforeAll, describe, expect, it } from 'vitest';
import { auditAppender, checkpointKey, emptiedEntry, verifyAudit, type AuditEntry } from '../../src/audit/index.ts';
import { systemRandom, tenantId, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, readAuditHead, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

const append = auditAppender(systemRandom);

const entry = (n: number): AuditEntry => ({
  kind: 'write_ended',
  actor: { kind: 'agent', agent: 'copilot', principal: n % 2 === 0 ? 'lena' : null },
  subject: { plan: `plan_${String(n)}`, connection: 'crm', object: 'Account', record: `00${String(n)}\u0000\ud800` },
  reason: 'because <b>somebody</b> said so',
  amount: n * 100.1,
  detail: { before: { Name: 'ä' }, after: { Name: `new ${String(n)}` } },
});

const emptied = `update audit_payload set salt = null, body = null, agent = null, principal = null, operator = null,
  plan = null, connection = null, object = null, model = null, record = null, record_key = null, label = null, amount = null
  where tenant = $1`;

/** What nobody of ours does, as somebody who may do anything. */
const changes: readonly { readonly what: string; readonly sql: string; readonly finds: string }[] = [
  {
    what: 'a body',
    sql: `update audit_payload set body = replace(body, 'new 7', 'new 8') where tenant = $1 and seq = 7`,
    finds: 'body_changed 7',
  },
  {
    what: 'a salt',
    sql: `update audit_payload set salt = '\\x00' where tenant = $1 and seq = 7`,
    finds: 'body_changed 7',
  },
  {
    what: 'what it is searched by',
    sql: `update audit_payload set agent = 'somebody' where tenant = $1 and seq = 7`,
    finds: 'columns_changed 7',
  },
  {
    what: 'an amount',
    sql: `update audit_payload set amount = 1 where tenant = $1 and seq = 7`,
    finds: 'columns_changed 7',
  },
  {
    what: 'a time',
    sql: `update audit_entry set at = at - interval '1 day' where tenant = $1 and seq = 7`,
    finds: 'entry_changed 7',
  },
  {
    what: 'a kind',
    sql: `update audit_entry set kind = 'tool_called' where tenant = $1 and seq = 7`,
    finds: 'entry_changed 7',
  },
  {
    what: 'a commitment',
    sql: `update audit_entry set commitment = hash where tenant = $1 and seq = 7`,
    finds: 'entry_changed 7, body_changed 7',
  },
  {
    what: 'an entry that is removed',
    sql: `delete from audit_entry where tenant = $1 and seq = 7`,
    finds: 'entry_missing 7',
  },
  {
    what: 'a payload that is removed',
    sql: `delete from audit_payload where tenant = $1 and seq = 7`,
    finds: 'erased_untold 7',
  },
  {
    what: 'a payload that is emptied',
    sql: `${emptied} and seq = 7`,
    finds: 'erased_untold 7',
  },
  {
    what: 'two that changed places',
    sql: `update audit_entry e set at = o.at, kind = o.kind, commitment = o.commitment, hash = o.hash from audit_entry o where e.tenant = $1 and o.tenant = $1 and ((e.seq = 7 and o.seq = 8) or (e.seq = 8 and o.seq = 7))`,
    finds: 'entry_changed 7, body_changed 7, entry_changed 8, body_changed 8, entry_changed 9',
  },
  {
    what: 'an end that is cut off',
    sql: `delete from audit_entry where tenant = $1 and seq > 18`,
    finds: 'end_missing 19',
  },
  {
    what: 'the time that it is searched by',
    sql: `update audit_payload set at = at - interval '1 day' where tenant = $1 and seq = 7`,
    finds: 'columns_changed 7',
  },
  {
    what: 'the kind that it is searched by',
    sql: `update audit_payload set kind = 'tool_called' where tenant = $1 and seq = 7`,
    finds: 'columns_changed 7',
  },
  {
    what: 'something that nobody said',
    sql: `insert into audit_payload (tenant, seq, at, kind, salt, body) select tenant, 99, at, kind, salt, body from audit_payload where tenant = $1 and seq = 7`,
    finds: 'payload_extra 99',
  },
  {
    what: 'a head that is gone',
    sql: `delete from audit_head where tenant = $1`,
    finds: 'head_changed 20',
  },
  {
    what: 'a head that is put back',
    sql: `update audit_head set seq = 18 where tenant = $1`,
    finds: 'head_changed 20',
  },
];

/** `$2`: a row; of the last one its neighbour is the first. */
const other = '($2::bigint % 200 + 1)';
const mutations: Readonly<Record<string, readonly string[]>> = {
  flipped: [
    `update audit_payload set body = overlay(body placing (case substr(body, 20, 1) when 'x' then 'y' else 'x' end) from 20 for 1)
     where tenant = $1 and seq = $2`,
  ],
  rehashed: [
    `update audit_entry set hash = set_byte(hash, 0, (get_byte(hash, 0) + 1) % 256) where tenant = $1 and seq = $2`,
  ],
  deleted: [
    'delete from audit_payload where tenant = $1 and seq = $2',
    'delete from audit_entry where tenant = $1 and seq = $2',
  ],
  swapped: [
    `update audit_payload p set at = o.at, kind = o.kind, salt = o.salt, body = o.body, plan = o.plan, record = o.record,
       record_key = o.record_key, principal = o.principal, amount = o.amount
     from audit_payload o where p.tenant = $1 and o.tenant = $1
       and ((p.seq = $2 and o.seq = ${other}) or (o.seq = $2 and p.seq = ${other}))`,
  ],
  truncated: [
    'delete from audit_payload where tenant = $1 and seq >= $2',
    'delete from audit_entry where tenant = $1 and seq >= $2',
    `update audit_head set seq = $2 - 1, hash = coalesce(
       (select hash from audit_entry where tenant = $1 and seq = $2 - 1), floor_hash) where tenant = $1`,
  ],
};

describeEachStore('the chain of what happened', (open, kind) => {
  let db: Db;
  const tenants: TenantId[] = [];
  beforeAll(async () => {
    db = await open();
    for (let n = 1; n <= changes.length + 3; n += 1) {
      tenants.push(await addTenant(db, { slug: `t${String(n)}`, at: new Date('2026-01-01') }));
    }
    for (const tenant of tenants) {
      for (const batch of [1, 6, 11, 16]) {
        const entries = Array.from({ length: 5 }, (_, at) => entry(batch + at));
        await db.tenantTx(tenant, (tx) => append(tx, tenant, entries), 'test.append');
      }
    }
  });

  const grown = async (slug: string, count: number): Promise<TenantId> => {
    const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
    const entries = Array.from({ length: count }, (_, at) => entry(at + 1));
    await db.tenantTx(tenant, (tx) => append(tx, tenant, entries), 'test.append');
    return tenant;
  };
  const snapshot = async (tenant: TenantId) => ({
    rows: await db.query<{ hash: Uint8Array }>('select hash from audit_entry where tenant = $1 order by seq', [tenant]),
  });

  it('is whole while nobody touches it, and counts each tenant by itself', async () => {
    for (const tenant of tenants) {
      expect(await verifyAudit(db, tenant)).toMatchObject({ entries: 20, erased: 0, end: { seq: 20 }, findings: [] });
    }
  });

  describe('shows', () => {
    for (const [at, { what, sql, finds }] of changes.entries()) {
      it(`${what} that was changed`, async () => {
        const tenant = tenantId(at + 1);
        const head = await db.tenantRead(tenant, (tx) => readAuditHead(tx, tenant));
        if (head === null) throw new Error('there is a chain');
        // As the owner of the tables, whom no row-level rule holds: a superuser.
        await db.query(`set session_replication_role = replica`);
        await db.query(sql, [tenant]);
        await db.query(`set session_replication_role = origin`);
        const { findings } = await verifyAudit(db, tenant, [{ seq: head.seq, hash: head.hash }]);
        const shown = findings.map((each) => `${each.kind} ${String(each.seq)}`).join(', ');
        expect(shown).toContain(finds);
      });
    }

    it('a chain that was made anew, and one that was cut off with its head, by a checkpoint from outside', async () => {
      const [anew, cut] = [tenantId(changes.length + 1), tenantId(changes.length + 2)];
      const heads = [];
      for (const tenant of [anew, cut]) {
        const head = await db.tenantRead(tenant, (tx) => readAuditHead(tx, tenant));
        if (head === null) throw new Error('there is a chain');
        heads.push({ seq: head.seq, hash: head.hash });
      }
      for (const table of ['audit_entry', 'audit_payload', 'audit_head']) {
        await db.query(`delete from ${table} where tenant = $1`, [anew]);
      }
      const entries = Array.from({ length: 20 }, (_, at) => entry(at + 100));
      await db.tenantTx(anew, (tx) => append(tx, anew, entries), 'test.append');
      expect(await verifyAudit(db, anew)).toMatchObject({ findings: [] });
      expect((await verifyAudit(db, anew, heads.slice(0, 1))).findings).toEqual([
        { kind: 'checkpoint_differs', seq: 20 },
      ]);

      await db.query('delete from audit_payload where tenant = $1 and seq > 15', [cut]);
      await db.query('delete from audit_entry where tenant = $1 and seq > 15', [cut]);
      await db.query(
        'update audit_head set seq = 15, hash = (select hash from audit_entry where tenant = $1 and seq = 15) where tenant = $1',
        [cut],
      );
      expect(await verifyAudit(db, cut)).toMatchObject({ entries: 15, findings: [] });
      expect((await verifyAudit(db, cut, heads.slice(1))).findings).toEqual([{ kind: 'end_missing', seq: 20 }]);
      // What we then sign ourselves does not hide what was signed before.
      const head = await db.tenantRead(anew, (tx) => readAuditHead(tx, anew));
      if (head === null) throw new Error('there is a chain');
      expect((await verifyAudit(db, anew, [...heads.slice(0, 1), head])).findings).toEqual([
        { kind: 'checkpoint_differs', seq: 20 },
      ]);
    });

    it('whatever else was changed, however many bodies were emptied', async () => {
      const tenant = await grown('emptied', 400);
      await db.query(`set session_replication_role = replica`);
      await db.query('delete from audit_payload where tenant = $1 and seq <= 150', [tenant]);
      await db.query(`update audit_payload set body = body || ' ' where tenant = $1 and seq between 151 and 300`, [
        tenant,
      ]);
      await db.query(
        `insert into audit_payload (tenant, seq, at, kind, salt, body)
         select tenant, 999, at, kind, salt, body from audit_payload where tenant = $1 and seq = 301`,
        [tenant],
      );
      await db.query('delete from audit_payload where tenant = $1 and seq between 391 and 400', [tenant]);
      await db.query('delete from audit_entry where tenant = $1 and seq > 390', [tenant]);
      await db.query(`set session_replication_role = origin`);
      const counts = new Map<string, number>();
      for (const { kind: each } of (await verifyAudit(db, tenant)).findings) {
        counts.set(each, (counts.get(each) ?? 0) + 1);
      }
      expect(Object.fromEntries(counts)).toEqual({
        body_changed: 100,
        erased_untold: 100,
        payload_extra: 1,
        end_missing: 1,
      });
    });

    it('bodies that somebody emptied who adds an entry about it, for want of a signature', async () => {
      const tenant = await grown('wiped', 20);
      const [ours, theirs] = [checkpointKey(systemRandom.bytes(32)), checkpointKey(systemRandom.bytes(32))];
      await db.query(`${emptied} and seq in (1, 2, 3, 4, 5)`, [tenant]);
      const good = emptiedEntry(ours, { tenant, erasure: 9, entries: [1] });
      const forged = [
        { ...good, detail: { erasure: 9, entries: [2] } },
        // With the signature of another entry, of another key, and of another tenant.
        { ...good, detail: { ...good.detail, entries: [1, 3] } },
        emptiedEntry(theirs, { tenant, erasure: 9, entries: [4] }),
        emptiedEntry(ours, { tenant: tenantId(tenant + 1), erasure: 9, entries: [5] }),
      ];
      await db.tenantTx(tenant, (tx) => append(tx, tenant, [good, ...forged]), 'test.append');
      const unsigned = (...seqs: number[]) => seqs.map((seq) => ({ kind: 'erased_unsigned', seq }));
      const unknown = (...seqs: number[]) => seqs.map((seq) => ({ kind: 'erased_key_unknown', seq }));
      const keys = new Map([[ours.id, ours.publicKey]]);
      const { erased, findings } = await verifyAudit(db, tenant, [], keys);
      expect({ erased, findings }).toEqual({
        erased: 5,
        findings: [...unsigned(2, 3), ...unknown(4), ...unsigned(5)],
      });
      // Whoever has no key believes nobody.
      expect((await verifyAudit(db, tenant)).findings).toEqual([...unknown(1), ...unsigned(2), ...unknown(3, 4, 5)]);
    });

    it('a beginning that was removed before its time, wherever checkpoints stand', async () => {
      const tenant = await grown('early', 20);
      const { rows } = await snapshot(tenant);
      const now = Date.now();
      const signed = (seq: number, days: number) => ({
        seq,
        hash: rows[seq - 1]?.hash ?? new Uint8Array(),
        at: new Date(now - days * 86_400_000),
      });
      for (const table of ['audit_payload', 'audit_entry']) {
        await db.query(`delete from ${table} where tenant = $1 and seq <= 10`, [tenant]);
      }
      await db.query('update audit_head set floor_seq = 10, floor_hash = $2 where tenant = $1', [
        tenant,
        rows[9]?.hash ?? new Uint8Array(),
      ]);
      const found = async (...checkpoints: ReturnType<typeof signed>[]) =>
        (await verifyAudit(db, tenant, checkpoints)).findings;
      const early = [{ kind: 'begin_missing', seq: 10 }];
      expect(await found()).toEqual(early);
      expect(await found(signed(4, 0), signed(10, 0))).toEqual(early);
      // With all up to the first checkpoint there was, and with less than that.
      expect(await found(signed(10, 0))).toEqual(early);
      expect(await found(signed(15, 0))).toEqual(early);
      // What was old before says nothing of what came after it.
      expect(await found(signed(4, 200))).toEqual(early);
      expect(await found(signed(4, 200), signed(10, 182))).toEqual(early);
      expect(await found(signed(10, 200))).toEqual([]);
      expect(await found(signed(4, 220), signed(15, 200), signed(20, 0))).toEqual([]);
      const ofOthers = { ...signed(10, 200), hash: new Uint8Array(32) };
      expect(await found(ofOthers)).toEqual([{ kind: 'checkpoint_differs', seq: 10 }]);
    });

    // The proof is arithmetic: one store is enough.
    it.skipIf(kind !== 'pglite')(
      'any row of 200 that was changed, removed, exchanged for the next, or cut off with all after it',
      async () => {
        const tenant = await grown('mutants', 200);
        const { rows } = await snapshot(tenant);
        const checkpoints = [{ seq: 200, hash: rows[199]?.hash ?? new Uint8Array() }];
        const unfound: string[] = [];
        // One transaction that nothing is left of, so that each mutation begins with the whole chain.
        await db.tx(async (tx) => {
          const within: Db = { ...db, tenantRead: (_tenant, work) => work(tx) };
          for (let seq = 1; seq <= 200; seq += 1) {
            for (const [name, statements] of Object.entries(mutations)) {
              await tx.query('savepoint whole');
              for (const sql of statements) await tx.query(sql, [tenant, seq]);
              const { findings } = await verifyAudit(within, tenant, checkpoints);
              if (findings.length === 0) unfound.push(`${name} ${String(seq)}`);
              await tx.query('rollback to savepoint whole');
            }
          }
        });
        expect(unfound).toEqual([]);
        expect((await verifyAudit(db, tenant, checkpoints)).findings).toEqual([]);
      },
      120_000,
    );
  });

  it('stays one chain when many add to it at once', async () => {
    const tenant = tenantId(changes.length + 3);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        db.tenantTx(tenant, (tx) => append(tx, tenant, [entry(n), entry(n)]), 'test.append'),
      ),
    );
    expect(await verifyAudit(db, tenant)).toMatchObject({ entries: 100, findings: [] });
    expect(kind).toBe(db.kind);
  });
});
