import { askAccessTurn, askedTurns, listConnections } from '../../src/store/index.ts';
import type { ParityStage } from './stage.ts';

const WAIT_MS = 180_000;

/**
 * Until nothing is on its way: every object is read once more, and then
 * everybody's rights; twice where shares may follow from what the first time told.
 */
export async function quiesce(stage: ParityStage): Promise<void> {
  const { customer, system } = stage;
  await readAgain(stage);
  for (let turn = 0; turn < (system.signsIn ? 1 : 2); turn += 1) await learnAgain(stage);
  await customer.operator.loaded([system.integration]);
}

/** All records that changed until now are here afterwards. */
export async function readAgain({ customer, system, sandbox, ask }: ParityStage): Promise<void> {
  if (system.heldBackMs > 0) await sandbox.control('POST', 'clock', { advanceMs: system.heldBackMs + 1_000 });
  const wanted = new Date(Date.now() - system.heldBackMs).toISOString();
  await customer.operator.sync(system.integration);
  for (const object of system.objects) {
    for (const until = Date.now() + WAIT_MS; ;) {
      const { error } = await ask(null, 'query_records', {
        object: `${system.integration}.${object}`,
        measures: [{ count: '*' }],
        min_as_of: wanted,
      });
      if (error === null) break;
      if (error !== 'query_not_fresh_yet' || Date.now() > until)
        throw new Error(`${object} does not become fresh: ${error}`);
    }
  }
}

/** A turn of learning rights that began after this call: as somebody waits for it, with lists of everything. */
export async function learnAgain({ gantry, tenant, system }: ParityStage): Promise<void> {
  const { db } = gantry;
  const connections = await db.tenantRead(tenant, (tx) => listConnections(tx, tenant));
  const connection = connections.find(({ slug }) => slug === system.integration)?.id;
  if (connection === undefined) throw new Error(`${system.integration} is not connected`);
  await db.tenantTx(tenant, (tx) => askAccessTurn(tx, { tenant, connection }), 'security.learn_again');
  for (const until = Date.now() + WAIT_MS; await askedTurns(db, tenant, [connection]);) {
    if (Date.now() > until) throw new Error('rights are not read in time');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
