import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { openPostgres, migrate, requestSync, type Db } from '../../src/store/index.ts';
import { programOf } from '../support/program.ts';
import { freshDatabase } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';
import type { StreamOrder } from './stream-process.ts';
import { truthOf } from './truth.ts';

const program = await programOf('./stream-process.ts', import.meta.url);

/** Null where it was killed. */
function streamProcess(order: StreamOrder): Promise<JsonObject | null> {
  const child = spawn(process.execPath, [...program, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(null);
      else if (out === '') reject(new Error(`ended with ${String(code ?? signal)} and said nothing`));
      else resolve(JSON.parse(out) as JsonObject);
    });
  });
}

describe('a first load whose processes are killed', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let order: StreamOrder;
  const PAGE = 2_000;

  beforeAll(async () => {
    database = await freshDatabase();
    [db, sandbox] = await Promise.all([
      openPostgres({ connectionString: database.url }),
      startSandbox('salesforce', { scale: 40_000 }),
    ]);
    await migrate(db);
    harness = await syncHarness(db, sandbox, ['Contact'], { slug: 'killed' });
    order = {
      databaseUrl: database.url,
      provider: 'salesforce',
      tenant: harness.tenant,
      connection: harness.target.connection,
      stream: (await harness.stream('Contact')).id,
      object: 'Contact',
      apiUrl: harness.signedIn.access.apiUrl,
      accessToken: (await harness.signedIn.access.token()).accessToken,
      crash: null,
    };
  }, 300_000);
  afterAll(async () => {
    await db.close();
    await Promise.all([sandbox.stop(), database.drop()]);
  });

  /** The dead process's lease is over. */
  const free = async (): Promise<void> => {
    await db.tenantTx(harness.tenant, async (tx) => {
      await tx.query('update stream set lease_by = null, lease_until = null where tenant = $1', [harness.tenant]);
      await requestSync(tx, { tenant: harness.tenant });
    });
  };
  const reads = async (): Promise<number> => {
    const { entries } = await sandbox.control<{ entries: { path: string }[] }>('GET', 'ledger?limit=100000');
    return entries.filter(({ path }) => path.endsWith('/queryAll')).length;
  };

  it('S1, S2: goes on at the page where each died, whatever the page and the moment, and asks for no page twice but that', async () => {
    const pages = Math.ceil((sandbox.health.counts['Contact'] ?? 0) / PAGE);
    expect(pages).toBeGreaterThanOrEqual(3);
    const moments = ['sync.keep_page.before_commit', 'sync.keep_page.after_commit', 'connector.call.before_send'];
    let kills = 0;
    let kept = 0;
    for (let page = 1; kept < pages; page += 1) {
      const at = moments[page % moments.length] ?? '';
      // The schema is asked for before the first page is.
      const hit = at.startsWith('connector') ? 4 : 1;
      await free();
      const said = await streamProcess({ ...order, crash: { at, hit } });
      if (said !== null) {
        expect(said).toMatchObject({ error: null });
        break;
      }
      kills += 1;
      const { size } = await harness.records('Contact');
      expect(size).toBeGreaterThanOrEqual(kept * PAGE);
      kept = Math.ceil(size / PAGE);
    }
    await free();
    expect(await streamProcess(order)).toMatchObject({ error: null });
    expect(kills).toBeGreaterThanOrEqual(pages);
    expect(await reads()).toBeLessThanOrEqual(pages + 1 + kills);
    expect(await harness.stream('Contact')).toMatchObject({ phase: 'current', lastError: null });
    expect([...(await harness.records('Contact')).keys()].toSorted()).toEqual(
      [...(await truthOf(harness, 'Contact', [])).keys()].toSorted(),
    );
  }, 300_000);
});
