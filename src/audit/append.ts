import { limits, type Random, type TenantId } from '../kernel/index.ts';
import { addAuditRows, checkpointDue, lockAuditHead, type AuditEnd, type AuditRow, type Tx } from '../store/index.ts';
import { commitmentOf, genesis, linkHash } from './chain.ts';
import { bodyOf, columnsOf } from './entry-body.ts';
import type { AuditEntry } from './types.ts';

/**
 * Adds entries to the end of a tenant's chain, in the transaction of what they
 * tell: neither is there without the other. Last in its transaction, because
 * the tenant's other entries wait until that has ended.
 */
export type AppendAudit = (tx: Tx, tenant: TenantId, entries: readonly AuditEntry[]) => Promise<void>;

/**
 * Where a chain ended when this process added to it last is taken for its end,
 * which costs no question of its own; the database adds nothing where that is
 * wrong (another process has added, a transaction was undone), and is asked.
 */
export function auditAppender(random: Random): AppendAudit {
  const ends = new Map<TenantId, AuditEnd>();
  return async (tx, tenant, entries) => {
    if (entries.length === 0) return;
    const said = entries.map((entry) => unlinked(entry, random));
    const add = async (after: AuditEnd): Promise<boolean> => {
      const rows = linked(tx, said, after);
      const added = await addAuditRows(tx, tenant, rows, after);
      if (added === null) return false;
      const end = rows.at(-1) ?? after;
      if (ends.size >= ENDS_MAX) ends.clear();
      ends.set(tenant, { seq: end.seq, hash: end.hash });
      // Under the lock of the chain's end: a checkpoint that is being made cannot overlook it. Where entries wait for
      // one, it is due already; said again from time to time, so that one that got lost does not stay so.
      const isSaid =
        added.checkedSeq < after.seq && Math.floor(after.seq / SAID_EVERY) === Math.floor(end.seq / SAID_EVERY);
      if (!isSaid) await checkpointDue(tx, tenant, new Date(tx.now.getTime() + limits.auditCheckpointMs));
      return true;
    };
    const known = ends.get(tenant);
    if (known !== undefined && (await add(known))) return;
    if (!(await add(await lockAuditHead(tx, tenant, genesis)))) throw new Error('a locked chain has moved');
  };
}

/** Chains whose end is remembered. */
const ENDS_MAX = 10_000;
const SAID_EVERY = 64;

type Said = Omit<AuditRow, 'at' | 'seq' | 'hash'>;

function unlinked(entry: AuditEntry, random: Random): Said {
  const salt = random.bytes(saltBytes);
  const body = bodyOf(entry);
  return { kind: entry.kind, commitment: commitmentOf(salt, body), salt, body, ...columnsOf(entry) };
}

function linked(tx: Tx, said: readonly Said[], after: AuditEnd): Omit<AuditRow, 'at'>[] {
  let { seq, hash } = after;
  return said.map((each) => {
    seq += 1;
    hash = linkHash(hash, { seq, at: tx.now, kind: each.kind, commitment: each.commitment });
    return { ...each, seq, hash };
  });
}

const saltBytes = 16;
