import { appendOfInstallation, type AppendAudit } from '../../audit/index.ts';
import { limits, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import {
  countTable,
  dataKeysOf,
  emptyTable,
  forgetBudgets,
  keepOffboarding,
  lockOffboarding,
  postponeOffboarding,
  readOffboarding,
  removeTenant,
  tellGone,
  tenantDirectories,
  tenantTables,
  type Db,
  type OffboardingRow,
  type TenantDirectory,
  type TenantTable,
  type Tx,
} from '../../store/index.ts';
import { noteAccounts, unusedAccounts } from './account-budgets.ts';
import { connectionsEnded, endConnections, type EndingDeps } from './end-connections.ts';
import { offboardingEntry } from './offboarding-entry.ts';
import { nextOffboardingState, type OffboardingEvent, type OffboardingState } from './offboarding-state.ts';
import { hashOfProof } from './run-erasure.ts';

export interface OffboardingDeps extends EndingDeps {
  readonly db: Db;
  readonly audit: AppendAudit;
  readonly lens: Pick<Lens, 'discard'>;
  /** The tenant is gone: whatever this process remembers of it goes. */
  readonly onGone: (tenant: TenantId) => void;
}

/** `later`: providers are given time. */
export type OffboardingStep = 'more' | 'later' | 'ended';

/** Does the next step, from wherever it stands; any process may do the next. */
export async function stepOffboarding(deps: OffboardingDeps, id: number): Promise<OffboardingStep> {
  const row = await readOffboarding(deps.db, id);
  if (row === null) return 'ended';
  switch (row.state as OffboardingState) {
    case 'closed':
      return revoke(deps, row);
    case 'revoked':
      await empty(deps, row);
      return 'more';
    case 'emptied':
      await discard(deps, row);
      return 'more';
    case 'discarded':
      return prove(deps, row);
    case 'done':
      return 'ended';
  }
}

async function revoke(deps: OffboardingDeps, { id, tenant, askedBy, note }: OffboardingRow): Promise<OffboardingStep> {
  await deps.db.tenantTx(tenant, (tx) => noteAccounts(tx, id, tenant), 'erasure.note_accounts');
  const all = await endConnections(deps, tenant, { by: askedBy, note });
  const connections = await connectionsEnded(deps.connection, tenant);
  return deps.db.tx(async (tx) => {
    const row = await lockOffboarding(tx, id);
    if (row?.state !== 'closed') return 'more';
    const waited = tx.now.getTime() - row.stateSince.getTime();
    if (!all && waited < limits.offboardingPatienceMs) {
      await keepOffboarding(tx, { ...row, connections });
      await postponeOffboarding(tx, id, new Date(tx.now.getTime() + limits.offboardingRetryMs));
      return 'later';
    }
    await advance(tx, { ...row, connections }, 'connections_ended');
    return 'more';
  }, 'erasure.end_connections');
}

/** Portion by portion, each with its count; at last what is left in directories, with the tenant itself. */
async function empty({ db, onGone }: OffboardingDeps, { id, tenant }: OffboardingRow): Promise<void> {
  await db.tenantTx(tenant, (tx) => noteKeys(tx, id, tenant), 'erasure.note_keys');
  const remove = async (tx: Tx, table: TenantTable | TenantDirectory): Promise<boolean> => {
    const row = await lockOffboarding(tx, id);
    if (row?.state !== 'revoked') return false;
    const gone = await emptyTable(tx, tenant, table, limits.offboardingPortionMax);
    if (gone > 0) await keepOffboarding(tx, { ...row, removed: counted(row.removed, table, gone) });
    return gone > 0;
  };
  for (const table of tenantTables) {
    await whileMore(() => db.tenantTx(tenant, (tx) => remove(tx, table), 'erasure.empty_table'));
  }
  for (const table of tenantDirectories) {
    await whileMore(() => db.tx((tx) => remove(tx, table), 'erasure.empty_directory'));
  }
  await db.tx(async (tx) => {
    const row = await lockOffboarding(tx, id);
    if (row?.state !== 'revoked') return;
    await removeTenant(tx, tenant);
    await advance(tx, row, 'emptied');
  }, 'erasure.remove_tenant');
  onGone(tenant);
}

async function whileMore(portion: () => Promise<boolean>): Promise<void> {
  let more = true;
  while (more) more = await portion();
}

/** Which keys go: a hash of each as it lies in the database, and in its backups. */
async function noteKeys(tx: Tx, id: number, tenant: TenantId): Promise<void> {
  const row = await lockOffboarding(tx, id);
  const keys = await dataKeysOf(tx, tenant);
  if (row === null || keys.length === 0) return;
  const known = (row.files['data_keys'] ?? []) as readonly JsonObject[];
  const data_keys = [...known, ...keys.map(({ id: key, wrapped }) => ({ key, wrapped_sha256: wrapped }))];
  await keepOffboarding(tx, { ...row, files: { ...row.files, data_keys } });
}

const counted = (removed: OffboardingRow['removed'], table: string, gone: number): OffboardingRow['removed'] => ({
  ...removed,
  [table]: (removed[table] ?? 0) + gone,
});

async function discard({ db, lens }: OffboardingDeps, { id, tenant, files: noted }: OffboardingRow): Promise<void> {
  const unused = await unusedAccounts(db, (noted['accounts'] ?? []) as readonly string[]);
  const here = await lens.discard([tenant]);
  await tellGone(db, tenant);
  await db.tx(async (tx) => {
    const row = await lockOffboarding(tx, id);
    if (row === null) return;
    const before = (name: string): number => Number(row.files[name] ?? 0);
    await forgetBudgets(tx, unused);
    const { accounts: _, ...known } = row.files;
    const files = {
      ...known,
      lens_files: before('lens_files') + here.files,
      snapshots: before('snapshots') + here.snapshots,
    };
    await advance(tx, { ...row, files }, 'discarded');
  }, 'erasure.note_files');
}

/** Nothing may be left, in any table; what was under way while they were emptied is removed as well. */
async function prove({ db, audit }: OffboardingDeps, { id, tenant }: OffboardingRow): Promise<OffboardingStep> {
  const left =
    (await db.tenantRead(tenant, (tx) => sum(tx, tenant, tenantTables))) +
    (await db.read((tx) => sum(tx, tenant, tenantDirectories)));
  return db.tx(async (tx) => {
    const row = await lockOffboarding(tx, id);
    if (row?.state !== 'discarded') return 'more';
    if (left > 0) {
      await advance(tx, row, 'rows_came');
      return 'more';
    }
    const proof = proofOf(row, tx.now);
    const proofHash = hashOfProof(proof);
    await advance(tx, { ...row, proof, proofHash, endedAt: tx.now }, 'proven');
    const told = offboardingEntry('offboarding_done', row, { proof_sha256: proofHash });
    await appendOfInstallation(tx, audit, [told]);
    return 'ended';
  }, 'erasure.prove_offboarding');
}

async function sum(tx: Tx, tenant: TenantId, tables: readonly (TenantTable | TenantDirectory)[]): Promise<number> {
  let rows = 0;
  for (const table of tables) rows += await countTable(tx, tenant, table);
  return rows;
}

function proofOf(row: OffboardingRow, now: Date): JsonObject {
  const { data_keys: keys = [], lens_files: lensFiles = 0, snapshots = 0 } = row.files;
  return {
    kind: 'gantry_offboarding',
    version: 1,
    offboarding: row.id,
    tenant: row.slug,
    number: row.tenant,
    asked_by: row.askedBy,
    note: row.note,
    asked_at: row.askedAt.toISOString(),
    ended_at: now.toISOString(),
    connections: row.connections,
    /** Wrapped data keys that were destroyed: sealed secrets of the tenant open nowhere, backups included. */
    data_keys: keys,
    removed: row.removed,
    files: { lens_files: lensFiles, snapshots },
    tables_looked_at: tenantTables.length + tenantDirectories.length,
    rows_left: 0,
  };
}

async function advance(tx: Tx, row: OffboardingRow, event: OffboardingEvent): Promise<void> {
  const to = nextOffboardingState(row.state as OffboardingState, event);
  if (to !== null) await keepOffboarding(tx, { ...row, state: to, stateSince: tx.now });
}
