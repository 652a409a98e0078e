import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { connectionId, GantryError, systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, type Db } from '../../src/store/index.ts';
import { dataKeysSql } from '../../src/vault/data-keys.ts';
import { createVault, type SecretContext } from '../../src/vault/index.ts';
import { describeEachStore } from '../support/stores.ts';

const masterKey = systemRandom.bytes(32);
const context: SecretContext = { connection: connectionId(1), purpose: 'refresh_token' };
const unreadable = (error: unknown): boolean => error instanceof GantryError && error.code === 'vault_unreadable';

describeEachStore('vault', (open) => {
  const vault = createVault({ masterKey, random: systemRandom });
  let db: Db;
  let tenant: TenantId;
  let other: TenantId;
  let count = 0;
  const makeTenant = (): Promise<TenantId> => {
    count += 1;
    return addTenant(db, { slug: `t${count}`, at: new Date('2026-01-01') });
  };
  const seal = (text: string, of: TenantId = tenant, at = context, by = vault): Promise<Uint8Array> =>
    db.tenantTx(of, (tx) => by.seal(tx, of, at, text));
  const reveal = (sealed: Uint8Array, of: TenantId = tenant, at = context, by = vault): Promise<string> =>
    db.tenantTx(of, (tx) => by.open(tx, of, at, sealed));

  beforeAll(async () => {
    db = await open();
    tenant = await makeTenant();
    other = await makeTenant();
  });

  it('gives back any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 3_000 }), async (text) => {
        expect(await reveal(await seal(text))).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  it('seals the same text differently each time, and shows none of it', async () => {
    const [one, two] = [await seal('canary-7f3a'), await seal('canary-7f3a')];
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false);
    expect(Buffer.from(one).toString('latin1')).not.toContain('canary');
  });

  it('opens in its own place only', async () => {
    const sealed = await seal('secret');
    await seal('own key for the other tenant', other);
    const elsewhere: [TenantId, SecretContext][] = [
      [other, context],
      [tenant, { ...context, connection: connectionId(2) }],
      [tenant, { ...context, connection: '1' }],
      [tenant, { ...context, connection: null }],
      [tenant, { ...context, purpose: 'access_token' }],
    ];
    for (const [of, at] of elsewhere) await expect(reveal(sealed, of, at)).rejects.toSatisfy(unreadable);
    expect(await reveal(sealed)).toBe('secret');
  });

  it('notices any altered, cut or longer byte', async () => {
    const sealed = await seal('secret');
    const wrong = Array.from(sealed, (byte, index) => sealed.with(index, byte ^ 1));
    for (const length of [0, 1, 20, sealed.length - 1]) wrong.push(sealed.slice(0, length));
    wrong.push(new Uint8Array([...sealed, 0]));
    await db.tenantTx(tenant, async (tx) => {
      for (const bytes of wrong) await expect(vault.open(tx, tenant, context, bytes)).rejects.toSatisfy(unreadable);
      expect(await vault.open(tx, tenant, context, sealed)).toBe('secret');
    });
  });

  it('says neither secret nor key when it fails', async () => {
    const sealed = await seal('canary-7f3a');
    const error = (await reveal(sealed, tenant, { ...context, purpose: 'x' }).catch(
      (caught: unknown) => caught,
    )) as GantryError;
    const said = JSON.stringify(error.toBody()) + String(error.stack) + String(error.cause);
    expect(said).not.toContain('canary');
    expect(said).not.toContain(Buffer.from(masterKey).toString('hex'));
    expect(said).not.toContain(Buffer.from(sealed).toString('hex'));
  });

  it('keeps data keys only wrapped, one per tenant also when two come first at once', async () => {
    const fresh = await makeTenant();
    const sealed = await Promise.all(Array.from({ length: 6 }, (_, index) => seal(`s${index}`, fresh)));
    expect(await Promise.all(sealed.map((bytes) => reveal(bytes, fresh)))).toEqual([
      's0',
      's1',
      's2',
      's3',
      's4',
      's5',
    ]);
    expect(await db.query('select id from data_key where tenant = $1', [fresh])).toEqual([{ id: 1 }]);
  });

  it('leaves a stored data key as it is when another one comes for its number', async () => {
    const fresh = await makeTenant();
    await db.tenantTx(fresh, async (tx) => {
      const sealed = await vault.seal(tx, fresh, context, 'first');
      await tx.query(dataKeysSql.add, [fresh, 1, systemRandom.bytes(60), tx.now]);
      expect(await vault.open(tx, fresh, context, sealed)).toBe('first');
    });
  });

  it('takes the data key of whoever stored it first', async () => {
    const fresh = await makeTenant();
    const gate = new EventEmitter();
    const sealedFirst = once(gate, 'sealed');
    const first = db.tenantTx(fresh, async (tx) => {
      const bytes = await vault.seal(tx, fresh, context, 'first');
      gate.emit('sealed');
      await once(gate, 'go on');
      return bytes;
    });
    await sealedFirst;
    const second = seal('second', fresh);
    // PGlite has one session: there the second transaction has not begun.
    if (db.kind === 'postgres') await somebodyWaitsForALock(db);
    gate.emit('go on');
    expect(await reveal(await first, fresh)).toBe('first');
    expect(await reveal(await second, fresh)).toBe('second');
  });

  it('loses no secret to a key that was rolled back', async () => {
    const fresh = await makeTenant();
    const lost = db.tenantTx(fresh, async (tx) => {
      await vault.seal(tx, fresh, context, 'lost');
      throw new Error('rolled back');
    });
    await expect(lost).rejects.toThrow('rolled back');
    expect(await reveal(await seal('kept', fresh), fresh)).toBe('kept');
  });

  it('rotates data keys and the master key, and old secrets still open', async () => {
    const fresh = await makeTenant();
    const old = await seal('old', fresh);
    const nextKey = systemRandom.bytes(32);
    const next = createVault({ masterKey: nextKey, previousMasterKeys: [masterKey], random: systemRandom });
    const alone = createVault({ masterKey: nextKey, random: systemRandom });
    await expect(reveal(old, fresh, context, alone)).rejects.toSatisfy(unreadable);
    await expect(seal('new', fresh, context, alone)).rejects.toSatisfy(unreadable);
    expect(await reveal(old, fresh, context, next)).toBe('old');

    await db.tenantTx(fresh, (tx) => next.rotate(tx, fresh));
    const young = await seal('young', fresh, context, next);
    expect(await db.query('select id from data_key where tenant = $1 order by id', [fresh])).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    // From here on the old master key is not needed, and does not help.
    expect(await reveal(old, fresh, context, alone)).toBe('old');
    expect(await reveal(young, fresh, context, alone)).toBe('young');
    await expect(reveal(old, fresh)).rejects.toSatisfy(unreadable);
    await expect(db.tenantTx(fresh, (tx) => vault.rotate(tx, fresh))).rejects.toSatisfy(unreadable);
  });
});

async function somebodyWaitsForALock(db: Db): Promise<void> {
  const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await db.query(waiting)).length === 0) await sleep(5);
}
