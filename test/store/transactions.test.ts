import { beforeAll, expect, it } from 'vitest';
import { tenantId } from '../../src/kernel/index.ts';
import { addTenant, sqlState, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('transactions', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
    await db.query('create table note (id int primary key, text text)');
  });

  it('gives the same values on every adapter', async () => {
    const [row] = await db.query(
      `select $1::text as t, $2::int8 as small, 9007199254740993::int8 as big, $3::timestamptz as at, $4::bytea as bytes,
        '{"a":[1]}'::jsonb as doc, '{"a":[1]}'::jsonb::text as text, $5::text[] as texts, $6::int[] as numbers,
        1.10::numeric as money, '2026-02-03'::date as day, $7::boolean as yes, null::int as nothing, 1.5::float8 as half`,
      ['ünï🙂', 42, new Date('2026-02-03T04:05:06.789Z'), new Uint8Array([0, 255, 7]), ['a', 'b"c,'], [1, 2], true],
    );
    expect(row).toEqual({
      t: 'ünï🙂',
      small: 42,
      big: '9007199254740993',
      at: new Date('2026-02-03T04:05:06.789Z'),
      bytes: new Uint8Array([0, 255, 7]),
      doc: { a: [1] },
      text: '{"a": [1]}',
      texts: ['a', 'b"c,'],
      numbers: [1, 2],
      money: '1.10',
      day: '2026-02-03',
      yes: true,
      nothing: null,
      half: 1.5,
    });
  });

  it('commits what succeeds and rolls back what throws', async () => {
    await db.tx((tx) => tx.query('insert into note values (1, $1)', ['kept']));
    const failed = db.tx(async (tx) => {
      await tx.query('insert into note values (2, $1)', ['lost']);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await db.query('select id from note')).toEqual([{ id: 1 }]);
  });

  it('does not pretend to commit after a failed statement that was swallowed', async () => {
    const failed = db.tx(async (tx) => {
      await tx.query('insert into note values (3, $1)', ['lost']);
      await tx.query('insert into note values (3, $1)', ['twice']).catch(() => undefined);
    });
    await expect(failed).rejects.toSatisfy((error) => sqlState(error) === '23505');
    expect(await db.query('select id from note where id = 3')).toEqual([]);
  });

  it('refuses the database inside its own transaction, and the transaction after its end', async () => {
    await expect(db.tx(() => db.query('select 1'))).rejects.toThrow(/inside its own transaction/);
    const late = await db.tx(async (tx) => tx);
    await expect(late.query('select 1')).rejects.toThrow(/after the end/);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('lets transactions run in the order of asking and none see another half done', async () => {
    await db.query('insert into note values (10, $1)', ['0']);
    const bump = (): Promise<string> =>
      db.tx(async (tx) => {
        const [row] = await tx.query<{ text: string }>('select text from note where id = 10 for update');
        const next = String(Number(row?.text) + 1);
        await tx.query('update note set text = $1 where id = 10', [next]);
        return next;
      });
    const seen = await Promise.all(Array.from({ length: 20 }, bump));
    expect(new Set(seen).size).toBe(20);
    expect(await db.query('select text from note where id = 10')).toEqual([{ text: '20' }]);
  });

  it('tells the time of the database, one per transaction', async () => {
    await db.tx(async (tx) => {
      const [row] = await tx.query<{ now: Date }>('select now() as now');
      expect(row?.now).toEqual(tx.now);
    });
  });

  it('wakes listeners at commit, and not after a rollback', async () => {
    const heard: string[] = [];
    const waiters: (() => void)[] = [];
    const stop = await db.listen('test_channel', (payload) => {
      heard.push(payload);
      waiters.shift()?.();
    });
    await db
      .tx((tx) => tx.query("select pg_notify('test_channel', 'lost')").then(() => Promise.reject(new Error())))
      .catch(() => undefined);
    const woken = new Promise<void>((resolve) => waiters.push(resolve));
    await db.tx((tx) => tx.query("select pg_notify('test_channel', 'one')"));
    await woken;
    await stop();
    expect(heard).toEqual(['one']);
  });

  it('shows a tenant its own rows only, even to a statement that forgets to ask', async () => {
    const at = new Date('2026-01-01');
    const one = await addTenant(db, { slug: 'one', at });
    const two = await addTenant(db, { slug: 'two', at });
    for (const tenant of [one, two]) {
      await db.tenantTx(tenant, (tx) => tx.query('insert into change_head (tenant, seq) values ($1, 5)', [tenant]));
    }
    const heads = await db.tenantTx(one, (tx) => tx.query('select tenant from change_head'));
    expect(heads).toEqual([{ tenant: one }]);
    const foreign = db.tenantTx(one, (tx) => tx.query('update change_head set tenant = $1', [two]));
    await expect(foreign).rejects.toSatisfy((error) => sqlState(error) === '42501');
    const inserted = db.tenantTx(one, (tx) => tx.query('insert into change_head (tenant, seq) values (99, 1)'));
    await expect(inserted).rejects.toSatisfy((error) => sqlState(error) === '42501');
    // The setting ends with the transaction: the next user of the connection starts with nothing.
    expect(
      await db.query(
        "select nullif(current_setting('gantry.tenant', true), '') as tenant, current_user <> 'gantry_app' as own",
      ),
    ).toEqual([{ tenant: null, own: true }]);
  });

  it('keeps the directory from tenants', async () => {
    const read = db.tenantTx(tenantId(1), (tx) => tx.query('select * from api_key'));
    await expect(read).rejects.toSatisfy((error) => sqlState(error) === '42501');
  });
});
