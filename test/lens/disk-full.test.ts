import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamId, TenantId } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { mayMount, mountSmall, type SmallDisk } from '../support/small-disk.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

const has = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('a lens whose disk is full', () => {
  const open = openerOf('pglite');
  let db: Db;
  const opened: TestLens[] = [];

  beforeAll(async () => {
    db = await open();
  });
  afterAll(async () => {
    for (const each of opened.toReversed()) await each.close();
  });

  async function addThing(lens: TestLens): Promise<{ tenant: TestTenant; stream: StreamId }> {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    lens.layouts.set(tenant.id, layoutOf([table(stream, 'Thing', { Count: 'BIGINT', Text: 'VARCHAR' })]));
    return { tenant, stream };
  }

  const put = (tenant: TestTenant, stream: StreamId, from: number, to: number): Promise<void> =>
    tenant.put(
      stream,
      // Every record has text of its own, so that nothing is folded together.
      Array.from({ length: to - from }, (_, index) => ({
        id: String(from + index),
        doc: { Count: from + index, Text: unlike(from + index) },
      })),
    );
  const count = async ({ lens }: TestLens, tenant: TestTenant): Promise<unknown> =>
    (await rows(lens, tenant.id, 'select count(*), count(distinct "Text") from crm."Thing"'))[0];

  /** Both ways of being full, with the same story: it answers, fails with its code, and goes on when there is room. */
  async function tellsAndGoesOn(test: TestLens, full: () => Promise<void>, room: () => Promise<void>): Promise<void> {
    const { tenant, stream } = await addThing(test);
    await put(tenant, stream, 0, 500);
    await test.lens.catchUp(tenant.id);
    const pid = test.hostPid();
    await full();

    await put(tenant, stream, 500, 4_000);
    await expect(test.lens.catchUp(tenant.id)).rejects.toMatchObject({ code: 'lens_disk_full' });
    // Whole batches up to where it says that it stands: each record was changed once.
    const { appliedSeq, headSeq } = await test.lens.status(tenant.id);
    expect(await count(test, tenant)).toEqual([appliedSeq, appliedSeq]);
    expect(headSeq - appliedSeq).toBeGreaterThan(0);

    // Nothing to read yet, and nowhere to put it.
    const other = await addThing(test);
    await put(other.tenant, other.stream, 0, 6_000);
    await expect(count(test, other.tenant)).rejects.toMatchObject({ code: 'lens_disk_full' });

    // However often it is asked meanwhile, it is tried at intervals that grow.
    const before = failures(test, tenant.id).length;
    for (let asked = 0; asked < 100; asked += 1) await test.lens.catchUp(tenant.id).catch(() => undefined);
    // Ten attempts would need more than two minutes.
    expect(failures(test, tenant.id).length - before).toBeLessThan(10);
    const pauses = failures(test, tenant.id).map(({ retryMs }) => retryMs);
    expect(pauses).toEqual(pauses.map((_, index) => Math.min(250 * 2 ** index, 8_000)));

    await room();
    await expect.poll(() => count(test, tenant).catch(() => null), { timeout: 120_000 }).toEqual([4_000, 4_000]);
    await expect.poll(() => count(test, other.tenant).catch(() => null), { timeout: 120_000 }).toEqual([6_000, 6_000]);
    expect(test.events.some(({ kind }) => kind === 'lens_recovered')).toBe(true);
    // Nothing was thrown away, and nobody was killed by a signal.
    expect(test.events.filter(({ kind }) => kind === 'lens_file_discarded')).toEqual([]);
    expect(test.hostPid()).toBe(pid);
  }

  it.skipIf(!has('prlimit'))('at the largest file that its process may write', { timeout: 300_000 }, async () => {
    const test = await openLens(db);
    opened.push(test);
    const limit = async (bytes: string): Promise<void> => {
      execFileSync('prlimit', [`--pid=${String(test.hostPid())}`, `--fsize=${bytes}`]);
    };
    // The log of the first file is smaller than this, and a new table is larger.
    await tellsAndGoesOn(
      test,
      () => limit('400000:unlimited'),
      () => limit('unlimited:unlimited'),
    );
  });

  it.skipIf(!mayMount)('on a file system without room', { timeout: 300_000 }, async () => {
    const disk = await mountForLens();
    const test = await openLens(db, join(disk.dir, 'lens'));
    try {
      await tellsAndGoesOn(test, disk.fill, disk.makeRoom);
    } finally {
      await test.close();
      await disk.unmount();
    }
  });

  it.skipIf(!mayMount)('opens its file anew after a checkpoint that failed, and keeps it', async () => {
    const disk = await mountForLens();
    const dir = join(disk.dir, 'lens');
    const first = await openLens(db, dir);
    try {
      const { tenant, stream } = await addThing(first);
      await put(tenant, stream, 0, 3_000);
      await first.lens.catchUp(tenant.id);
      await disk.fill();
      // Closing a file writes its log into it: that fails and must cost nothing.
      await first.lens.release(tenant.id);
      expect(await count(first, tenant)).toEqual([3_000, 3_000]);
      await first.lens.close();
      const second = await openLens(db, dir, first.layouts);
      expect(await count(second, tenant)).toEqual([3_000, 3_000]);
      process.kill(second.hostPid(), 'SIGKILL');
      expect(await count(second, tenant)).toEqual([3_000, 3_000]);
      expect(second.events.filter(({ kind }) => kind === 'lens_built' || kind === 'lens_file_discarded')).toEqual([]);
      await second.close();
    } finally {
      await first.close();
      await disk.unmount();
    }
  });
});

/** Text that no compression makes small. */
const unlike = (seed: number): string => createHash('sha512').update(String(seed)).digest('base64');

const failures = (test: TestLens, tenant: TenantId) =>
  test.events.flatMap((event) => (event.kind === 'lens_tail_failed' && event.tenant === tenant ? [event] : []));

async function mountForLens(): Promise<SmallDisk> {
  const disk = await mountSmall(24);
  mkdirSync(join(disk.dir, 'lens'));
  return disk;
}
