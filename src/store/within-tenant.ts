import type { TenantId } from '../kernel/index.ts';
import { runScript } from './create-db.ts';
import type { Tx } from './db.ts';

/**
 * A part of a transaction outside any tenant that touches one tenant's rows,
 * too, so that both are there or neither: row-level security admits that
 * tenant's rows until `work` ends. Last in its transaction.
 */
export async function withinTenant(tx: Tx, tenant: TenantId, work: (tx: Tx) => Promise<void>): Promise<void> {
  if (!Number.isInteger(tenant)) throw new Error(`not a tenant id: ${String(tenant)}`);
  await runScript(
    tx,
    `set local citus.propagate_set_commands = 'local'; set local gantry.tenant = '${String(tenant)}'`,
  );
  await work(tx);
  await runScript(tx, `set local gantry.tenant = ''`);
}
