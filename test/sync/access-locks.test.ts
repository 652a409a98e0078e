import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  askAccessTurn,
  claimAccessTurns,
  lockAccess,
  wantAccessTurn,
  type Db,
  type Tx,
} from '../../src/store/index.ts';
import { keepInTurn } from '../../src/sync/access/turn-context.ts';
import { openerOf } from '../support/stores.ts';
import { accessStage } from './access-stage.ts';

describe('records that arrive while rights are learned', () => {
  const open = openerOf('postgres');
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });

  it('ask for a turn without either of both being ended in favour of the other', async () => {
    const stage = await accessStage(db, 'locks');
    const { tenant, connection } = stage;
    const key = { tenant, connection };
    stage.world.accounts.set('a1', { owner: 'u1' });
    await stage.ingest('Account');
    await stage.link('p-u1', 'u1');
    await stage.turn();
    await db.tenantTx(tenant, (tx) => askAccessTurn(tx, key));
    const claim = { worker: 'w', leaseMs: 60_000, limit: 1, againMs: 60_000 };
    expect(await db.tx((tx) => claimAccessTurns(tx, claim))).toMatchObject([key]);

    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const ingesting = db.tenantTx(tenant, async (tx) => {
      await lockAccess(tx, key);
      locked();
      while (!(await somebodyWaits(tx))) await sleep(20);
      await wantAccessTurn(tx, key, tx.now);
      return 'asked';
    });
    await isLocked;
    const holder = { deps: stage.deps, worker: 'w', key, signal: new AbortController().signal };
    const keeping = keepInTurn(holder, 'access.keep_rules', () => Promise.resolve('kept'));
    expect(await Promise.all([ingesting, keeping])).toEqual(['asked', 'kept']);
  });

  const somebodyWaits = async (tx: Tx): Promise<boolean> =>
    (await tx.query('select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))'))
      .length > 0;
});
