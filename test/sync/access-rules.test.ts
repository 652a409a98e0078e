import { beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { accessStage, type AccessStage } from './access-stage.ts';

const rule = (owner: string) => ({ kind: 'rule', owner, team: null, territory: null }) as const;

describe('rules of the project', () => {
  const open = openerOf('pglite');
  let db: Db;
  let stage: AccessStage;
  beforeAll(async () => {
    db = await open();
    stage = await accessStage(db, 'rules');
    stage.world.accounts.set('a1', { owner: 'u1' }).set('a2', { owner: 'u2' });
    stage.world.contacts.set('c1', { account: 'a1' });
    stage.said = rule('Owner');
    for (const object of ['Account', 'Contact']) await stage.ingest(object);
    await stage.turn();
  });
  const of = async (object: string) => (await stage.rights('p-u1')).streams.get(stage.streams[object]!);

  it('that became others show nothing before records are worked out by them', async () => {
    expect(await of('Account')).toMatchObject({ kind: 'known', by: 'rule' });
    expect(await stage.shown('p-u1', 'Account')).toEqual(['a1']);
    stage.said = rule('Secret');
    expect(await of('Account')).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
    expect(await stage.shown('p-u1', 'Account')).toEqual([]);
  });

  it('are in force where nobody is signed in, and what the system told stays with its age', async () => {
    const before = await of('Contact');
    expect(before).toMatchObject({ kind: 'known', by: 'record' });
    stage.isSignedIn = false;
    await stage.turn();
    expect(await of('Account')).toMatchObject({ kind: 'known', by: 'rule' });
    expect(await stage.shown('p-u1', 'Account')).toEqual([]);
    stage.said = rule('Owner');
    await stage.turn();
    expect(await stage.shown('p-u1', 'Account')).toEqual(['a1']);
    expect(await of('Contact')).toEqual(before);
    expect(stage.events.at(-1)).toMatchObject({
      kind: 'access_failed',
      error: { code: 'connection_reauth_required' },
    });
  });
});
