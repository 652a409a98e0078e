import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armCrashPoints, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import { addLetter, linkPrincipal, migrate, openPostgres, saveQuarantine, type Db } from '../../src/store/index.ts';
import { ingest, version } from '../store/fixtures.ts';
import { programOf } from '../support/program.ts';
import { freshDatabase } from '../support/stores.ts';
import { ownParts, type OwnParts } from './erasure-parts.ts';
import type { ErasureOrder } from './erasure-process.ts';
import { addCustomer, type Customer } from './stage.ts';

const program = await programOf('./erasure-process.ts', import.meta.url);
const operator = { name: 'ada' };
const jane = {
  email: 'jane@example.com',
  users: ['jane'],
  records: [],
  texts: [],
  mentions: true,
  note: null,
  by: null,
};

describe('erasing and off-boarding, cut off anywhere', { timeout: 400_000 }, () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Db;
  let dir: string;
  let parts: OwnParts;
  const masterKey = systemRandom.bytes(32);

  beforeAll(async () => {
    database = await freshDatabase();
    db = await openPostgres({ connectionString: database.url });
    await migrate(db);
    dir = await mkdtemp(join(tmpdir(), 'gantry-erasure-'));
    parts = ownParts(db, dir, masterKey);
  }, 300_000);
  afterAll(async () => {
    armCrashPoints(null);
    await parts.lens.close();
    await db.close();
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  });

  const made = async (slug: string): Promise<Customer> => {
    const customer = await addCustomer(db, slug);
    const { tenant, connection, contact, task } = customer;
    const ofJane = (id: string, n: number) => version(id, { Id: id, Mail: 'Jane@example.com', N: n }, n);
    await ingest(db, { tenant, stream: contact }, [ofJane('c1', 1), ofJane('c2', 1), version('c3', { Id: 'c3' }, 1)]);
    await ingest(db, { tenant, stream: contact }, [ofJane('c1', 2)]);
    await ingest(db, { tenant, stream: task }, [version('t1', { Id: 't1', Subject: 'jane@example.com' }, 1)]);
    await ingest(db, { tenant, stream: task }, [version('t1', { Id: 't1', Subject: 'Re: jane@example.com' }, 2)]);
    await db.tenantTx(tenant, async (tx) => {
      const fields = [{ field: 'Phone', reason: 'no number', value: 'x' }];
      await saveQuarantine(tx, { tenant, stream: contact, schemaVersion: null, records: [{ id: 'c1', fields }] });
      await addLetter(tx, {
        tenant,
        stream: contact,
        kind: 'record',
        name: 'c2',
        state: 'dead',
        code: 'upstream_malformed',
        class: null,
        bytesHash: null,
        place: null,
      });
      const link = { principal: 'jane', sourceUser: 'u1', sourceName: 'Jane', attributes: {}, linkedBy: 'ada' };
      await linkPrincipal(tx, { tenant, connection }, link);
    });
    return customer;
  };
  /** Of erasures and off-boardings of the tenant: due at once. */
  const hurry = async (): Promise<void> => {
    await db.query('update erasure_turn set due_at = now()');
    await db.query('update offboarding set due_at = now() where due_at is not null');
  };
  /** Fails once at each point that it passes, before and after each commit. Returns the points. */
  const failEverywhere = (): Set<string> => {
    const failed = new Set<string>();
    armCrashPoints((point) => {
      if (!point.startsWith('erasure.') || point.includes('.claim.') || failed.has(point)) return;
      failed.add(point);
      throw new Error(`cut off at ${point}`);
    });
    return failed;
  };
  const erased = async (slug: string): Promise<JsonObject> => {
    const [last] = await parts.erasures.list(operator, { tenant: slug });
    return last ?? {};
  };

  it('erases the same, wherever each transaction is cut off', async () => {
    const { tenant: first } = await made('whole');
    const asked = await parts.erasures.erase(operator, { ...jane, tenant: 'whole' });
    // On a slow machine the answer comes before the end, and workers do the rest.
    await untilEnded(() => parts.stepErasure({ tenant: first, id: Number(asked['erasure']) }));
    const whole = await erased('whole');
    expect(whole).toMatchObject({
      state: 'done',
      removed: { record: 2, history: 3, quarantine: 1, dead_letters: 1, users: 1, record_mentions: 1 },
      proof: { complete: true, left: {}, rounds: 1 },
    });
    const { tenant } = await made('cut');
    const points = failEverywhere();
    await parts.erasures.erase(operator, { ...jane, tenant: 'cut' }).catch(() => undefined);
    // What was asked for was not kept, and is asked for again.
    await parts.erasures.erase(operator, { ...jane, tenant: 'cut' }).catch(() => undefined);
    const key = { tenant, id: Number((await erased('cut'))['erasure']) };
    await untilEnded(() => parts.stepErasure(key));
    armCrashPoints(null);
    const cut = await erased('cut');
    expect(cut['state']).toBe('done');
    expect(points.size).toBeGreaterThan(20);
    expect(cut['removed']).toEqual(whole['removed']);
    const { removed, left, complete, suppressed } = cut['proof'] as JsonObject;
    const { proof } = whole as { readonly proof: JsonObject };
    expect({ removed, left, complete, suppressed }).toEqual({
      removed: proof['removed'],
      left: {},
      complete: true,
      suppressed: proof['suppressed'],
    });
    expect((await db.query('select 1 from erasure_turn')).length).toBe(0);
  });

  it('removes a tenant the same, wherever each transaction is cut off', async () => {
    await made('leaves-cut');
    await made('leaves-whole');
    const points = failEverywhere();
    const request = { tenant: 'leaves-cut', confirm: 'leaves-cut', note: null, by: null };
    await parts.offboardings.begin(operator, request).catch(() => undefined);
    await parts.offboardings.begin(operator, request).catch(() => undefined);
    const last = async (): Promise<JsonObject> => (await parts.offboardings.list(operator))[0] ?? {};
    const id = Number((await last())['offboarding']);
    await untilEnded(async () => (await parts.stepOffboarding(id)) === 'more');
    armCrashPoints(null);
    expect((await last())['state']).toBe('done');
    expect(points.size).toBeGreaterThan(12);
    const cut = (await last())['proof'] as JsonObject;
    await parts.offboardings.begin(operator, { tenant: 'leaves-whole', confirm: 'leaves-whole', note: null, by: null });
    const whole = (await last())['proof'] as JsonObject;
    expect(cut['removed']).toEqual(whole['removed']);
    expect(cut).toMatchObject({ tenant: 'leaves-cut', rows_left: 0, connections: [{ at_provider: 'not_offered' }] });
    expect(await db.query('select slug from tenant order by 1')).toEqual([{ slug: 'cut' }, { slug: 'whole' }]);
  });

  it('is carried on by the next process when one is killed', async () => {
    await made('erased');
    await made('left');
    /** Asked for, and begun by nobody. */
    const askedFor = async (ask: () => Promise<unknown>): Promise<void> => {
      failEverywhere();
      for (const _ of [1, 2]) await ask().catch(() => undefined);
      armCrashPoints(null);
    };
    const erase = () => parts.erasures.erase(operator, { ...jane, tenant: 'erased' });
    const leave = () => parts.offboardings.begin(operator, { tenant: 'left', confirm: 'left', note: null, by: null });
    const order = { databaseUrl: database.url, masterKey: Buffer.from(masterKey).toString('hex'), dir: join(dir, 'b') };
    // Asked for one after the other: a process works at both, and how far it came with one when it dies at the other is chance.
    for (const [ask, crash] of [
      [erase, { at: 'erasure.clear_place.after_commit', hit: 3 }],
      [leave, { at: 'erasure.empty_table.before_commit', hit: 20 }],
    ] as const) {
      await askedFor(ask);
      await hurry();
      expect(await run({ ...order, crash }), crash.at).toBe('SIGKILL');
    }
    await hurry();
    expect(await run({ ...order, crash: null })).toBe('0');
    expect(await erased('erased')).toMatchObject({ state: 'done', proof: { complete: true, removed: { record: 2 } } });
    const [left] = await parts.offboardings.list(operator);
    expect(left).toMatchObject({ tenant: 'left', state: 'done', proof: { rows_left: 0 } });
  });
});

/** Step by step; one that is cut off is begun anew. */
async function untilEnded(step: () => Promise<boolean>): Promise<void> {
  let more = true;
  while (more) {
    more = await step().catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('cut off')) return true;
      throw error;
    });
  }
}

function run(order: ErasureOrder): Promise<string> {
  const child = spawn(process.execPath, [...program, JSON.stringify(order)], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
}
