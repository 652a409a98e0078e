import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog, openGantry, readConfig, type Gantry } from '../../src/app/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { GantryError, systemRandom, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  beginSweep,
  ensureStream,
  holdSweep,
  noteSeen,
  release,
  scanRecords,
  claimDue,
} from '../../src/store/index.ts';
import { ingest, version } from '../store/fixtures.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** The operator's side of held deletions, over real HTTP: seen in the status, and accepted. */
describe('deletions that are held', { timeout: 300_000 }, () => {
  const operatorKey = randomBytes(24).toString('base64url');
  let dataDir: string;
  let gantry: Gantry;
  let url: string;
  let at: { tenant: TenantId; stream: StreamId };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gantry-held-'));
    const env = { GANTRY_DATA_DIR: dataDir, GANTRY_PORT: '0', GANTRY_OPERATOR_KEY: operatorKey };
    gantry = await openGantry({ config: await readConfig(env, systemRandom), emit: createLog('silent') });
    const files = await readProject(example);
    await gantry.revisions.apply({ files, author: 'test', message: 'first' });
    ({ url } = await gantry.openDoors());
    const { db } = gantry;
    const tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const stream = await db.tenantTx(tenant, async (tx) => {
      const connection = await addConnection(tx, {
        tenant,
        slug: 'crm',
        integration: 'crm',
        provider: 'salesforce',
        state: 'working',
      });
      return ensureStream(tx, { tenant, connection, object: 'Account', everyS: 3_600 });
    });
    at = { tenant, stream };
    await ingest(
      db,
      at,
      Array.from({ length: 300 }, (_, index) => version(`a${String(index)}`, { index })),
    );
    await db.tenantTx(tenant, async (tx) => {
      await beginSweep(tx, { ...at, kind: 'reading' });
      await noteSeen(tx, at, ['a1', 'a2']);
      await holdSweep(tx, at, { at: tx.now, grantsChanged: false, missing: 298, compared: 300 });
      await claimDue(tx, { tenant, worker: 'w', leaseMs: 60_000, limit: 1 });
      const error = new GantryError('sync_deletions_held', { message: '298 of 300 records were missing.' }).toBody();
      await release(tx, { ...at, worker: 'w' }, { error });
    });
  });
  afterAll(async () => {
    await gantry.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = async (method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const accept = (more: object) =>
    ask('POST', '/v1/connections/crm/sync', { tenant: 'acme', accept_deletions: true, ...more });
  const live = async (): Promise<string[]> => {
    const rows = await gantry.db.tenantTx(at.tenant, (tx) => scanRecords(tx, { ...at, afterId: null, limit: 1_000 }));
    return rows.map(({ id }) => id);
  };
  const connection = async (): Promise<unknown> => {
    const { body } = await ask('GET', '/v1/connections?tenant=acme');
    expect(body).toMatchObject({ connections: [{ connection: 'crm' }] });
    return (body as { connections: unknown[] }).connections[0];
  };

  it('stand in the status of their connection', async () => {
    expect(await connection()).toMatchObject({
      health: 'degraded',
      objects: [{ object: 'Account', problem: expect.stringContaining('--accept-deletions') as string }],
    });
  });

  it('are not accepted without naming the object, or of one that is not there', async () => {
    expect(await accept({})).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect(await accept({ objects: ['Contact'] })).toMatchObject({ status: 404 });
    expect(await live()).toHaveLength(300);
  });

  it('are carried out once they are accepted, and then there is nothing left to accept', async () => {
    expect(await accept({ objects: ['Account'] })).toMatchObject({ status: 202, body: { deleted: 298 } });
    expect(await live()).toEqual(['a1', 'a2']);
    expect(await connection()).toMatchObject({ health: 'ok' });
    expect(await accept({ objects: ['Account'] })).toMatchObject({
      status: 404,
      body: { code: 'not_found', where: 'Account' },
    });
  });
});
