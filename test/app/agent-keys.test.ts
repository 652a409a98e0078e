import { afterEach, describe, expect, it } from 'vitest';
import { createAgentKey, createTenant, listAgentKeys, revokeAgentKey } from '../../src/app/index.ts';
import { createKeyLookup } from '../../src/app/callers/key-lookup.ts';
import { createRevisions } from '../../src/app/project/revisions.ts';
import { limits, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { addTenant, keyChannel, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';

describe.each(['pglite', 'postgres'] as const)('the keys of agents (%s)', (kind) => {
  const open = openerOf(kind);
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function withKey(): Promise<{ db: Db; key: string }> {
    const db = await open();
    const revisions = createRevisions(db, { connectors: [], tools: [] });
    const files = new Map([['gantry.yaml', 'gantry: 1\nproject: keys\nagents:\n  helper:\n    grant: {}\n']]);
    await revisions.apply({ files, author: 'test', message: 'first' });
    await createTenant(db, 'acme');
    const request = { tenant: 'acme', agent: 'helper', label: 'laptop', expiresInDays: null };
    return { db, key: await createAgentKey({ db, revisions, random: systemRandom }, request) };
  }

  it('are listed without being told, and taken back by their id', async () => {
    const { db, key } = await withKey();
    const [listed, ...others] = await listAgentKeys(db, 'acme');
    expect(others).toEqual([]);
    expect(listed).toMatchObject({
      agent: 'helper',
      label: 'laptop',
      state: 'valid',
      id: expect.stringMatching(/^\w{12}$/),
    });
    expect(JSON.stringify(listed)).not.toContain(key);
    await db.tx((tx) => addTenant(tx, { slug: 'globex', at: tx.now }));
    // Another tenant's key is no key.
    await expect(revokeAgentKey({ db, random: systemRandom }, 'globex', listed?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await revokeAgentKey({ db, random: systemRandom }, 'acme', listed?.id ?? '')).toMatchObject({
      state: 'revoked',
    });
    expect(await listAgentKeys(db, 'acme')).toMatchObject([{ state: 'revoked' }]);
    await expect(revokeAgentKey({ db, random: systemRandom }, 'acme', listed?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('are remembered for a moment, and forgotten when one is revoked', async () => {
    const { db, key } = await withKey();
    // Time stands still: what is remembered would be good for ever.
    const clock = { ...systemClock, monotonicMs: () => 0 };
    const lookup = createKeyLookup(db, clock);
    let told = 0;
    stops.push(
      await db.listen(keyChannel, () => {
        told += 1;
        lookup.forgetAll();
      }),
    );
    expect(await lookup.find(key)).toMatchObject({ agent: 'helper' });
    expect(await lookup.find('gtk_other')).toBeNull();
    const [listed] = await listAgentKeys(db, 'acme');
    await revokeAgentKey({ db, random: systemRandom }, 'acme', listed?.id ?? '');
    await expect.poll(() => told).toBe(1);
    expect(await lookup.find(key)).toBeNull();
  });

  it('are asked for again after their moment, where the word of a revocation is lost', async () => {
    const { db, key } = await withKey();
    let now = 0;
    const lookup = createKeyLookup(db, { ...systemClock, monotonicMs: () => now });
    await lookup.find(key);
    const [listed] = await listAgentKeys(db, 'acme');
    await revokeAgentKey({ db, random: systemRandom }, 'acme', listed?.id ?? '');
    now = limits.keyLookupTtlMs - 1;
    expect(await lookup.find(key)).not.toBeNull();
    now = limits.keyLookupTtlMs;
    expect(await lookup.find(key)).toBeNull();
  });
});
