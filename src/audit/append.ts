import { limits, type Random, type TenantId } from '../kernel/index.ts';
import { addAuditRows, checkpointDue, lockAuditHead, type AuditRow, type Tx } from '../store/index.ts';
import { commitmentOf, genesis, linkHash } from './chain.ts';
import { bodyOf, columnsOf } from './entry-body.ts';
import type { AuditEntry } from './types.ts';

/**
 * Adds entries to the end of a tenant's chain, in the transaction of what they
 * tell: neither is there without the other. Last in its transaction, because
 * the tenant's other entries wait until that has ended.
 */
export type AppendAudit = (tx: Tx, tenant: TenantId, entries: readonly AuditEntry[]) => Promise<void>;

export function auditAppender(random: Random): AppendAudit {
  return async (tx, tenant, entries) => {
    if (entries.length === 0) return;
    let { seq, hash } = await lockAuditHead(tx, tenant, genesis);
    const rows: Omit<AuditRow, 'at'>[] = [];
    for (const entry of entries) {
      seq += 1;
      const salt = random.bytes(saltBytes);
      const body = bodyOf(entry);
      const commitment = commitmentOf(salt, body);
      hash = linkHash(hash, { seq, at: tx.now, kind: entry.kind, commitment });
      rows.push({ seq, kind: entry.kind, commitment, hash, salt, body, ...columnsOf(entry) });
    }
    await addAuditRows(tx, tenant, rows);
    // Under the lock of the chain's end: a checkpoint that is being made cannot overlook it.
    await checkpointDue(tx, tenant, new Date(tx.now.getTime() + limits.auditCheckpointMs));
  };
}

const saltBytes = 16;
