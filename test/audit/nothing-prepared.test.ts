import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throwSwitch, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { openWriteStage, type WriteStage } from '../write/stage.ts';

describe('where only what is here may be read', () => {
  const open = openerOf('pglite');
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    stage = await openWriteStage(db, server);
  });
  afterAll(() => server.stop());

  it.each([
    ['stop_writes', null],
    ['drain', null],
    ['read_replica_only', 'writes_stopped'],
    ['stop_all_upstream', 'writes_stopped'],
  ] as const)('%s: what is prepared is kept, or refused as a whole', async (mode, code) => {
    const { tenant, writes } = stage;
    const subject = { agent: stage.who.kind === 'agent' ? stage.who.agent : '' };
    const thrown = { scope: 'agent', subject, mode, reason: 'look first', by: 'otto' };
    const id = await db.tenantTx(tenant, (tx) => throwSwitch(tx, tenant, thrown));
    const plan = stage.plan([{ object: 'Plain', operation: 'create', values: { name: 'N' }, before: null }]);
    const failed = await writes.keep(tenant, plan, null).then(
      () => null,
      (error: unknown) => (error as { readonly code?: string }).code,
    );
    expect(failed).toBe(code);
    expect((await writes.read(tenant, plan.id)) === null).toBe(code !== null);
    await db.tenantTx(tenant, (tx) =>
      tx.query('update switch set lifted_at = $2 where tenant = $1 and id = $3', [tenant, tx.now, id]),
    );
  });
});
