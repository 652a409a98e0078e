import { tenantId } from '../kernel/index.ts';
import { withinTenant, type Tx } from '../store/index.ts';
import type { AppendAudit } from './append.ts';
import type { AuditEntry } from './types.ts';

/** Under which the chain of what concerns the whole installation is kept: customers are numbered from 1. */
export const INSTALLATION_CHAIN = tenantId(0);

/** What its checkpoints call it. Tenants may be called so, too: their number is another. */
export const INSTALLATION_NAME = 'installation';

/** To the installation's chain, in a transaction outside any tenant, last. */
export const appendOfInstallation = (tx: Tx, append: AppendAudit, entries: readonly AuditEntry[]): Promise<void> =>
  withinTenant(tx, INSTALLATION_CHAIN, () => append(tx, INSTALLATION_CHAIN, entries));
