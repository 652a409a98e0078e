import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { rigOf, type Rig } from './rig.ts';
import { ways, type Way } from './ways.ts';

describe('answers that are right, and odd', () => {
  const open = openerOf('postgres');
  const { salesforce: way } = ways as Readonly<Record<'salesforce', Way>>;
  let db: Db;
  let sandbox: TestSandbox;
  let rig: Rig;
  let id = '';

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox(way.provider, way.start)]);
    rig = await rigOf(db, way, sandbox);
    expect((await rig.run()).error).toBeNull();
    [id = ''] = [...(await rig.records()).keys()];
  });
  afterAll(async () => {
    await rig.stop();
    await sandbox.stop();
  });

  /** The next reading brings one record of this text. */
  const says = (text: string): void =>
    rig.proxy.mangle(way.isRead, ({ headers }, response) =>
      response
        .writeHead(200, { 'content-type': headers['content-type'] ?? 'application/json' })
        .end(`{"totalSize":1,"done":true,"records":[${text}]}`),
    );
  const stamp = (day: number): string =>
    `"IsDeleted":false,"SystemModstamp":"2099-01-0${String(day)}T00:00:00.000+0000"`;

  it('S10: a value of 50 MB is kept, and the object beside it goes on', { timeout: 300_000 }, async () => {
    const value = 'x'.repeat(50_000_000);
    says(`{"Id":"${id}","Name":"${value}",${stamp(1)}}`);
    expect(await rig.run()).toMatchObject({ error: null, changed: 1 });
    expect((await rig.records()).get(id)).toMatchObject({ Name: value });
    rig.proxy.heal();
    expect((await rig.run(way.beside)).error).toBeNull();
    expect(await rig.records(way.beside)).toEqual(await rig.truth(way.beside));
  });

  it('S10: of two equal keys the last one counts, and NaN is no answer', async () => {
    says(`{"Id":"${id}","Name":"erst","Name":"dann",${stamp(2)}}`);
    expect(await rig.run()).toMatchObject({ error: null, changed: 1 });
    expect((await rig.records()).get(id)).toMatchObject({ Name: 'dann' });
    const before = await rig.stream();
    says(`{"Id":"${id}","Name":"nie","AnnualRevenue":NaN,${stamp(3)}}`);
    expect((await rig.run()).error?.code).toBe('upstream_malformed');
    says(`{"Id":9007199254740993,"Name":"nie",${stamp(3)}}`);
    expect((await rig.run()).error?.code).toBe('upstream_malformed');
    expect((await rig.records()).get(id)).toMatchObject({ Name: 'dann' });
    expect((await rig.stream()).cursor).toEqual(before.cursor);
  });
});
