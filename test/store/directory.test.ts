import { beforeAll, expect, it } from 'vitest';
import { GantryError, limits } from '../../src/kernel/index.ts';
import {
  addApiKey,
  addOauthState,
  addRevision,
  addTenant,
  currentRevision,
  findApiKey,
  findTenant,
  hashApiKey,
  listApiKeys,
  listRevisions,
  listTenants,
  readRevision,
  readSetting,
  revokeApiKey,
  setCurrentRevision,
  takeOauthState,
  writeSetting,
  type Db,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

const code = (wanted: string) => (error: unknown) => error instanceof GantryError && error.code === wanted;
const at = new Date('2026-01-01T00:00:00Z');

describeEachStore('directory', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });

  it('keeps tenants by slug', async () => {
    const id = await addTenant(db, { slug: 'acme', at });
    expect(await findTenant(db, 'acme')).toEqual({ id, slug: 'acme', createdAt: at });
    expect(await findTenant(db, 'nobody')).toBeNull();
    await expect(addTenant(db, { slug: 'acme', at })).rejects.toSatisfy(code('store_name_taken'));
    expect(await listTenants(db)).toEqual([{ id, slug: 'acme', createdAt: at }]);
  });

  it('finds a live key by its text and keeps only the hash', async () => {
    const tenant = await addTenant(db, { slug: 'keys', at });
    const key = { tenant, agent: 'analyst', label: 'ci', at };
    await addApiKey(db, { ...key, key: 'gk_secret' });
    await addApiKey(db, { ...key, key: 'gk_old', expiresAt: at });
    expect(await findApiKey(db, 'gk_secret')).toMatchObject({ tenant, agent: 'analyst', label: 'ci' });
    expect(await findApiKey(db, 'gk_old')).toBeNull();
    expect(await findApiKey(db, 'gk_Secret')).toBeNull();
    const dump = JSON.stringify(await db.query("select api_key::text, encode(hash, 'escape') as hash from api_key"));
    expect(dump).not.toContain('gk_secret');
    expect(await revokeApiKey(db, { tenant, hash: hashApiKey('gk_secret'), at })).toBe(true);
    expect(await findApiKey(db, 'gk_secret')).toBeNull();
    expect(await revokeApiKey(db, { tenant, hash: hashApiKey('gk_secret'), at })).toBe(false);
    expect((await listApiKeys(db, tenant)).map(({ revokedAt }) => revokedAt)).toContainEqual(at);
  });

  it('keeps revisions for ever and one of them in force', async () => {
    expect(await currentRevision(db)).toBeNull();
    const base = { at, author: 'ana', message: 'first', contentHash: 'h1' };
    const first = await addRevision(db, { ...base, content: { 'gantry.yaml': 'a: 1 \u0000' } });
    const second = await addRevision(db, { ...base, message: 'second', content: { 'gantry.yaml': 'a: 2' } });
    expect(await currentRevision(db)).toBeNull();
    await setCurrentRevision(db, second);
    expect(await currentRevision(db)).toMatchObject({ id: second, content: { 'gantry.yaml': 'a: 2' } });
    await setCurrentRevision(db, first);
    expect(await currentRevision(db)).toMatchObject({ id: first, message: 'first' });
    expect(await readRevision(db, second)).toMatchObject({ message: 'second', contentHash: 'h1', createdAt: at });
    expect((await listRevisions(db, 10)).map(({ id }) => id)).toEqual([second, first]);
    await expect(setCurrentRevision(db, 99 as typeof first)).rejects.toSatisfy(code('not_found'));
  });

  it('keeps settings', async () => {
    expect(await readSetting(db, 'x')).toBeNull();
    await writeSetting(db, 'x', { a: [1] });
    await writeSetting(db, 'x', { a: [2] });
    expect(await readSetting(db, 'x')).toEqual({ a: [2] });
  });

  it('lets an authorisation come back once, and not after its time', async () => {
    const tenant = await addTenant(db, { slug: 'oauth', at });
    const row = { tenant, connection: 'crm', payload: new Uint8Array([1, 2, 3]) };
    await db.tx((tx) => addOauthState(tx, { ...row, state: 's1' }));
    expect(await takeOauthState(db, 's2')).toBeNull();
    const both = await Promise.all([takeOauthState(db, 's1'), takeOauthState(db, 's1')]);
    expect(both.filter((taken) => taken !== null)).toEqual([row]);
    await db.tx((tx) => addOauthState(tx, { ...row, state: 's3' }));
    await db.query('update oauth_state set expires_at = expires_at - make_interval(secs => $1)', [
      limits.oauthStateTtlMs / 1000,
    ]);
    expect(await takeOauthState(db, 's3')).toBeNull();
    await db.tx((tx) => addOauthState(tx, { ...row, state: 's4' }));
    expect(await db.query('select count(*) as left from oauth_state')).toEqual([{ left: 1 }]);
  });
});
