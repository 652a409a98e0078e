import { INSTALLATION_CHAIN } from '../audit/index.ts';
import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import {
  listTenants,
  pruneAudit,
  pruneChanges,
  pruneDeadInbox,
  pruneHistory,
  pruneInbox,
  prunePlans,
  pruneWriteRequests,
  sweepApprovalLinks,
  sweepOauthItems,
  sweepOperatorTokens,
  type Db,
  type Tx,
} from '../store/index.ts';
import { createClassCollector } from './access/collect-classes.ts';
import type { EventSink } from './events.ts';

export interface HousekeepingDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** Days that earlier versions of records are kept. */
  readonly keepDays: () => Promise<number>;
  /** Days that the audit is kept; absent: `limits.auditKeepDays`. */
  readonly auditKeepDays?: number | undefined;
  /** Days that plans are kept after their end, with their writes and approvals; as long as the audit at least. */
  readonly planKeepDays?: number | undefined;
  readonly emit: EventSink;
}

/** Removes what is kept for a time only, from time to time, for as long as it is not stopped. */
export function startHousekeeping(deps: HousekeepingDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const collectClasses = createClassCollector(deps.db);
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const failed = (cause: unknown): void => deps.emit({ kind: 'housekeeping_failed', cause });
      for (const { id } of await listTenants(deps.db).catch(noTenants(failed))) {
        await prune(deps, id, stopping.signal).catch(failed);
        await collectClasses({ tenant: id, signal: stopping.signal }).catch(failed);
      }
      await pruneInstallation(deps, stopping.signal).catch(failed);
      await deps.db.tx(sweepDirectories, 'app.sweep_directories').catch(failed);
      await deps.clock.sleep(limits.pruneEveryMs, stopping.signal).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('housekeeping stops'));
      await looping;
    },
  };
}

/** What is over by itself. */
async function sweepDirectories(tx: Tx): Promise<void> {
  await sweepOauthItems(tx);
  await sweepApprovalLinks(tx);
  await sweepOperatorTokens(tx, new Date(tx.now.getTime() - limits.approvalTokenHoldsMs));
}

const noTenants =
  (report: (cause: unknown) => void) =>
  (cause: unknown): [] => {
    report(cause);
    return [];
  };

async function prune(
  { db, keepDays, auditKeepDays = limits.auditKeepDays, planKeepDays = 0 }: HousekeepingDeps,
  tenant: TenantId,
  signal: AbortSignal,
): Promise<void> {
  await inBatches(db, { tenant, days: await keepDays(), signal }, pruneHistory);
  await inBatches(db, { tenant, days: limits.changeKeepDays, signal }, pruneChanges);
  await inBatches(db, { tenant, days: limits.inboxKeepDays, signal }, pruneInbox);
  await inBatches(db, { tenant, days: limits.inboxDeadKeepDays, signal }, pruneDeadInbox);
  await inBatches(db, { tenant, days: auditKeepDays, signal }, pruneAudit);
  await inBatches(db, { tenant, days: limits.writeKeyKeepMs / DAY_MS, signal }, pruneWriteRequests);
  // Never before what the audit tells of them.
  const days = Math.max(planKeepDays, auditKeepDays);
  await inBatches(db, { tenant, days, signal, least: 1 }, prunePlans);
}

/** Of the chain of what concerns everybody. */
async function pruneInstallation(
  { db, auditKeepDays = limits.auditKeepDays }: HousekeepingDeps,
  signal: AbortSignal,
): Promise<void> {
  await inBatches(db, { tenant: INSTALLATION_CHAIN, days: auditKeepDays, signal }, pruneAudit);
}

type Prune = (
  tx: Tx,
  request: { readonly tenant: TenantId; readonly before: Date; readonly limit: number },
) => Promise<number>;

interface Batches {
  readonly tenant: TenantId;
  readonly days: number;
  readonly signal: AbortSignal;
  /** More is left where so many were removed. */
  readonly least?: number;
}

/** Short transactions one after the other, so that writers never wait long. */
async function inBatches(
  db: Db,
  { tenant, days, signal, least = limits.pruneBatchMax }: Batches,
  statement: Prune,
): Promise<void> {
  const limit = limits.pruneBatchMax;
  let removed = least;
  while (removed >= least && !signal.aborted) {
    removed = await db.tenantTx(
      tenant,
      (tx) => statement(tx, { tenant, before: new Date(tx.now.getTime() - days * DAY_MS), limit }),
      'app.housekeep',
    );
  }
}

const DAY_MS = 86_400_000;
