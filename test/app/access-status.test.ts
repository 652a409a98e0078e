import { beforeAll, describe, expect, it } from 'vitest';
import { accessStatus } from '../../src/app/access/access-status.ts';
import { unlinkPrincipal, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { accessStage, type AccessStage } from '../sync/access-stage.ts';

describe('what operators are told of rights, object by object', () => {
  const open = openerOf('pglite');
  let db: Db;
  let stage: AccessStage;
  const principals = ['p-u1', 'p-u2', 'p-u3', 'p-gone', 'p-new'];
  const status = () => db.tenantRead(stage.tenant, (tx) => accessStatus(tx, { tenant: stage.tenant, manifest: null }));
  /** The same, from what questions are answered by. */
  const expected = async (object: string): Promise<{ known: number; unknown: Record<string, number> }> => {
    const unknown: Record<string, number> = {};
    let known = 0;
    for (const principal of principals) {
      const rights = (await stage.rights(principal)).streams.get(stage.streams[object]!);
      if (rights?.kind === 'known') known += 1;
      else if (rights !== undefined) unknown[rights.reason] = (unknown[rights.reason] ?? 0) + 1;
    }
    return { known, unknown };
  };
  const agrees = async (): Promise<void> => {
    const reports = await status();
    for (const object of ['Account', 'Contact', 'Note']) {
      const report = reports.get(stage.streams[object]!);
      const { known, unknown } = await expected(object);
      const without = report?.['without'] as { reason: string; users: number }[];
      expect([object, report?.['linked_users'], report?.['with_rights']]).toEqual([object, principals.length, known]);
      expect(Object.fromEntries(without.map(({ reason, users }) => [reason, users]))).toEqual(unknown);
    }
  };

  beforeAll(async () => {
    db = await open();
    stage = await accessStage(db, 'status');
    const { world } = stage;
    world.accounts.set('a1', { owner: 'u1' });
    world.notes.set('n1', { text: 'one', shownTo: new Set(['u1']) });
    await stage.link('p-gone', 'nobody');
    // Somebody else signs in under the name: only the own sign-in would tell of notes.
    stage.signIns.set('p-u3', 'u1');
    for (const object of ['Account', 'Contact', 'Note']) await stage.ingest(object);
    await stage.turn();
    await stage.link('p-new', 'u2');
  });

  it('is what questions in their name are answered by, whatever is known and whatever is not', async () => {
    await agrees();
    expect((await status()).get(stage.streams['Account']!)).toMatchObject({
      strategy: 'shares',
      as_of: expect.any(String) as string,
      with_rights: 3,
      without: [
        { reason: 'inactive', users: 1, who_can_fix: 'end_user', fix: expect.stringContaining('p-gone') as string },
        { reason: 'not_read_yet', users: 1, who_can_fix: 'nobody' },
      ],
    });
    const { tenant } = stage;
    await db.query(`update object_standing set doubted_at = now() where tenant = $1 and object = 'Contact'`, [tenant]);
    await db.query(`update standing set read_at = now() - interval '1 hour' where tenant = $1 and principal = 'p-u2'`, [
      tenant,
    ]);
    await agrees();
    expect((await expected('Account')).unknown).toEqual({ inactive: 1, not_read_yet: 1, too_old: 1 });
    await db.query(`update access_connection set state = 'refused' where tenant = $1`, [tenant]);
    await db.query('delete from access_stream where tenant = $1', [tenant]);
    await agrees();
    expect((await expected('Account')).unknown).toEqual({ refused: 5 });
  });

  it('is nothing where nobody is linked', async () => {
    const { tenant, connection } = stage;
    await db.tenantTx(tenant, async (tx) => {
      for (const principal of principals) await unlinkPrincipal(tx, { tenant, connection }, principal);
    });
    expect(await status()).toEqual(new Map());
  });
});
