import { limits, numbered, startPolling, type Clock, type TenantId } from '../kernel/index.ts';
import {
  addCheckpoint,
  claimAuditTurns,
  keepCheckpoint,
  lockAuditHead,
  readAuditHead,
  type AuditHead,
  type Db,
} from '../store/index.ts';
import { genesis } from './chain.ts';
import { appendCheckpoint } from './checkpoint-file.ts';
import { checkpointFile, checkpointLine, signCheckpoint } from './checkpoint.ts';
import { INSTALLATION_CHAIN, INSTALLATION_NAME } from './installation-chain.ts';
import type { AuditLogEvent } from './events.ts';
import type { CheckpointKey } from './signature.ts';

export interface CheckpointDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly key: CheckpointKey;
  /** Folder of the files `<slug>.<number>.jsonl`; best on a machine or disk that the database's administrator cannot write. */
  readonly folder: string;
  readonly slugOf: (tenant: TenantId) => Promise<string | null>;
  readonly onEvent: (event: AuditLogEvent) => void;
}

/** Signs the end of each chain that has grown, and writes it outside the database, too. */
export function startCheckpoints(deps: CheckpointDeps, name: string): { stop(): Promise<void> } {
  const holders = numbered(name);
  return startPolling({
    clock: deps.clock,
    everyMs: limits.auditPollMs,
    onFailed: (cause) => deps.onEvent({ kind: 'audit_checkpoint_failed', cause }),
    round: async ({ signal }) => {
      await checkpointInstallation(deps);
      const worker = holders();
      const request = { worker, leaseMs: limits.auditLeaseMs, limit: limits.auditTurnsAtOnce };
      for (const tenant of await deps.db.tx((tx) => claimAuditTurns(tx, request), 'audit.claim_turns')) {
        if (signal.aborted) return;
        await makeCheckpoint(deps, tenant, worker);
      }
    },
  });
}

/** The chain's end does not move meanwhile: what is added afterwards makes the next one due. */
async function makeCheckpoint(deps: CheckpointDeps, tenant: TenantId, worker: string): Promise<void> {
  const slug = await deps.slugOf(tenant);
  if (slug === null) return;
  const keep = deps.db.tenantTx(
    tenant,
    async (tx) => {
      const { seq, hash } = await lockAuditHead(tx, tenant, genesis);
      const signed = signCheckpoint(deps.key, { tenant: slug, number: tenant, seq, hash, at: tx.now });
      if (!(await keepCheckpoint(tx, tenant, worker, signed))) return;
      // Before the commit: a statement that is only outside is true all the same.
      await appendCheckpoint(deps.folder, checkpointFile(slug, tenant), checkpointLine(signed));
    },
    'audit.keep_checkpoint',
  );
  await keep.catch((cause: unknown) => deps.onEvent({ kind: 'audit_checkpoint_failed', cause }));
}

/** Its chain grows seldom, so that a look at it costs less than a turn; of several processes the first one signs. */
async function checkpointInstallation(deps: CheckpointDeps): Promise<void> {
  const { db, key, folder } = deps;
  const isChecked = (head: AuditHead | null): boolean => head === null || head.seq <= head.checkedSeq;
  const keep = async (): Promise<void> => {
    if (isChecked(await db.tenantRead(INSTALLATION_CHAIN, (tx) => readAuditHead(tx, INSTALLATION_CHAIN)))) return;
    await db.tenantTx(
      INSTALLATION_CHAIN,
      async (tx) => {
        const { seq, hash } = await lockAuditHead(tx, INSTALLATION_CHAIN, genesis);
        if (isChecked(await readAuditHead(tx, INSTALLATION_CHAIN))) return;
        const statement = { tenant: INSTALLATION_NAME, number: INSTALLATION_CHAIN, seq, hash, at: tx.now };
        const signed = signCheckpoint(key, statement);
        await addCheckpoint(tx, INSTALLATION_CHAIN, signed);
        await appendCheckpoint(folder, checkpointFile(INSTALLATION_NAME, INSTALLATION_CHAIN), checkpointLine(signed));
      },
      'audit.keep_installation_checkpoint',
    );
  };
  await keep().catch((cause: unknown) => deps.onEvent({ kind: 'audit_checkpoint_failed', cause }));
}
