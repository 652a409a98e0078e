import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits, type TenantId } from '../../src/kernel/index.ts';
import type { HostEvent } from '../../src/lens/host-protocol.ts';
import { createRegistry, type Registry } from '../../src/lens/host/registry.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, table } from './fixture.ts';

describe('a file that has taken in much', () => {
  const open = openerOf('pglite');
  const events: HostEvent[] = [];
  let db: Db;
  let dir: string;
  let tenant: TenantId;
  let registry: Registry;

  beforeAll(async () => {
    db = await open();
    dir = await mkdtemp(join(tmpdir(), 'lens-reopen-'));
    const made = await addTestTenant(db, ['Thing']);
    const [stream] = made.streams;
    if (stream === undefined) throw new Error('no stream');
    tenant = made.id;
    const test = await openLens(db, dir);
    test.layouts.set(tenant, layoutOf([table(stream, 'Thing', { Name: 'VARCHAR' })]));
    await made.put(stream, [{ id: 'a', doc: { Name: 'one' } }]);
    await test.lens.catchUp(tenant);
    await test.lens.close();
    registry = createRegistry(dir, (event) => events.push(event), 4);
  });
  afterAll(async () => {
    await registry.closeAll();
    await rm(dir, { recursive: true, force: true });
  });

  const grow = async (backfilling: boolean): Promise<void> => {
    const instance = await registry.find(tenant);
    if (instance === null) throw new Error('no file');
    instance.seq = instance.openedAtSeq + limits.lensReopenAfterChanges;
    instance.streams = instance.streams.map((stream) => ({ ...stream, backfilling }));
  };
  const name = (): Promise<unknown> =>
    registry.withInstance(tenant, async ({ writer }) =>
      (await writer.runAndReadAll('select "Name" from crm."Thing"')).getRowsJson(),
    );
  const closings = (): unknown[] => events.flatMap((event) => (event.kind === 'file_closed' ? [event.why] : []));

  it('stays as it is while a first load goes on, or somebody uses it', async () => {
    await grow(true);
    registry.sweep();
    await grow(false);
    await registry.withInstance(tenant, async () => registry.sweep());
    expect(closings()).toEqual([]);
  });

  it('is opened anew, once, and answers as before', async () => {
    await grow(false);
    const before = await registry.find(tenant);
    registry.sweep();
    expect(await name()).toEqual([['one']]);
    const after = await registry.find(tenant);
    expect(after).not.toBe(before);
    expect(after?.seq).toBe(after?.openedAtSeq);
    registry.sweep();
    expect(await registry.find(tenant)).toBe(after);
    expect(closings()).toEqual(['grown']);
  });
});
