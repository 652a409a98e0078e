export {
  addApiKey,
  findApiKey,
  hashApiKey,
  listApiKeys,
  keyChannel,
  revokeApiKey,
  type ApiKeyRow,
  type NewApiKey,
} from './api-keys.ts';
export {
  changeChannel,
  changeHead,
  changePlace,
  readChanges,
  scanRecords,
  type ChangePage,
  type ChangePlace,
  type ChangedRecord,
  type ScannedRecord,
  type StreamState,
} from './changes.ts';
export {
  addConnection,
  findConnection,
  listConnections,
  readConnection,
  removeConnection,
  updateConnection,
  type ConnectionChange,
  type ConnectionRow,
  type NewConnection,
} from './connections.ts';
export {
  lockCredential,
  readCredential,
  removeCredential,
  saveCredential,
  type CredentialKey,
  type CredentialRow,
} from './credentials.ts';
export type { Db, SqlParam, Tx } from './db.ts';
export { lockDirectory, type DirectoryLock, type LockOptions } from './directory-lock.ts';
export {
  listGone,
  pruneChanges,
  pruneHistory,
  readVersions,
  type GoneRecord,
  type RecordVersions,
  type StoredVersion,
} from './history.ts';
export type { IngestRecord } from './ingest-batch.ts';
export { ingestPage, ingestRecords, type IngestCounts, type IngestPage } from './ingest.ts';
export { inspectDatabase, type DatabaseFacts } from './inspect.ts';
export { beatLensNode, claimLens, lensHolders, removeLensNode, type LensHolders, type LensNode } from './lens-nodes.ts';
export { migrate, readMigrations, type Migration, type MigrationReport } from './migrate.ts';
export { addOauthState, takeOauthState, type OauthStateRow } from './oauth-states.ts';
export {
  addOverlay,
  listOverlays,
  newestOverlay,
  overlaysInForce,
  type NewOverlay,
  type OverlayInForce,
  type OverlayRow,
} from './overlays.ts';
export { openDb, type OpenDbOptions } from './open-db.ts';
export { openPglite, type PgliteOptions } from './pglite.ts';
export { openPostgres, type PostgresOptions } from './postgres.ts';
export {
  countQuarantine,
  listQuarantine,
  saveQuarantine,
  type QuarantinedField,
  type QuarantinePage,
  type QuarantineRow,
} from './quarantine.ts';
export {
  addRevision,
  currentRevision,
  listRevisions,
  lockProject,
  readRevision,
  setCurrentRevision,
  type NewRevision,
  type Revision,
  type RevisionSummary,
} from './revisions.ts';
export {
  currentSchemas,
  latestSchemaVersion,
  readSchemaVersion,
  saveSchemaVersion,
  type SchemaVersion,
} from './schema-versions.ts';
export { readSetting, writeSetting } from './settings.ts';
export { sqlState } from './sql-errors.ts';
export { storeStatements } from './statements.ts';
export { claimDue, heartbeat, release, requestSync, type LeaseHolder, type RunOutcome } from './stream-leases.ts';
export {
  dismissError,
  ensureStream,
  listStreams,
  readStream,
  restartStream,
  setExpectedRecords,
  type StreamPhase,
  type StreamPlan,
  type StreamRow,
} from './streams.ts';
export {
  beginSweep,
  endSweep,
  holdSweep,
  moveSweep,
  noteSeen,
  readSweep,
  readUnseen,
  recountHeld,
  type HeldSweep,
  type SweepFinding,
  type SweepKey,
  type SweepKind,
  type SweepRow,
  type UnseenPart,
} from './sweeps.ts';
export { addTenant, findTenant, listTenants, type Directory, type TenantRow } from './tenants.ts';
