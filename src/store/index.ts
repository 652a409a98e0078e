export * from './access.ts';
export * from './erase.ts';
export {
  budgetChannel,
  forgetBudgets,
  keepBudget,
  listBudgets,
  lockBudget,
  tellBudgets,
  type BudgetKey,
  type BudgetRow,
} from './budgets.ts';
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
  claimChore,
  connectionChores,
  dueChores,
  finishChore,
  setChore,
  type Chore,
  type ChoreKey,
} from './connection-chores.ts';
export {
  claimLine,
  freeLines,
  holdLine,
  keepPosition,
  noteUnavailable,
  readLine,
  releaseLine,
  removeLine,
  wantLine,
  type LineEnd,
  type LineHolder,
  type LineKey,
  type LineRow,
} from './event-lines.ts';
export { keepCircuit, listCircuits, lockCircuit, readCircuit, type CircuitRow } from './circuits.ts';
export {
  addConnection,
  connectionChannel,
  findConnection,
  holdStreams,
  listConnections,
  lockConnection,
  notifyConnection,
  readConnection,
  removeConnection,
  updateConnection,
  type ConnectionAct,
  type ConnectionChange,
  type ConnectionRow,
  type NewConnection,
} from './connections.ts';
export {
  buryConnection,
  destroyCredentials,
  listDeletedConnections,
  purgePortion,
  readDeletedConnection,
  type DeletedConnection,
} from './deleted-connections.ts';
export {
  beginRenewal,
  countUnderOtherKeys,
  credentialsUnderOtherKeys,
  endCredential,
  holdRenewalTurn,
  keepResealed,
  listCredentials,
  nameCredentialUser,
  noteEndTold,
  readCredential,
  removeCredential,
  replaceCredential,
  saveCredential,
  type CredentialKey,
  type CredentialRow,
  type CredentialSummary,
  type CredentialValue,
  type SealedPlace,
} from './credentials.ts';
export { refuseInTransaction } from './create-db.ts';
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
export {
  claimInbox,
  countDeadCauses,
  dropEvents,
  findStreamOf,
  freeInboxes,
  holdInbox,
  inboxChannel,
  keepEvents,
  listDeadEvents,
  listInboxEvents,
  lockStreamOf,
  pruneDeadInbox,
  pruneInbox,
  releaseInbox,
  replayEvents,
  rouseInbox,
  settleEvents,
  waitingEvents,
  type DeadCause,
  type DeadEvent,
  type EventsEnd,
  type InboxEventRow,
  type InboxHolder,
  type InboxKey,
  type NewInboxEvent,
} from './inbox.ts';
export {
  addRegistration,
  claimRegistration,
  dueRegistrations,
  hurryRegistration,
  listRegistrations,
  lockRegistration,
  lookAtRegistrations,
  noteAsking,
  readRegistration,
  removeRegistration,
  settleRegistration,
  turnRegistration,
  type RegistrationEnd,
  type RegistrationRow,
} from './webhook-registrations.ts';
export {
  addWebhook,
  findWebhook,
  listWebhooks,
  noteHeard,
  noteRefused,
  readWebhook,
  removeWebhook,
  rotateWebhookSecret,
  type WebhookRow,
} from './webhooks.ts';
export { withoutRepeats, type IngestRecord } from './ingest-batch.ts';
export { ingestPage, ingestRecords, type IngestCounts, type IngestPage } from './ingest.ts';
export { inspectDatabase, type DatabaseFacts } from './inspect.ts';
export { beatLensNode, claimLens, lensHolders, removeLensNode, type LensHolders, type LensNode } from './lens-nodes.ts';
export { migrate, readMigrations, type Migration, type MigrationReport } from './migrate.ts';
export {
  addOverlay,
  listOverlays,
  newestOverlay,
  newestOverlayVersion,
  overlaysInForce,
  type NewOverlay,
  type OverlayInForce,
  type OverlayRow,
} from './overlays.ts';
export { openDb, type OpenDbOptions } from './open-db.ts';
export { openPglite, type PgliteOptions } from './pglite.ts';
export { openPostgres, type PostgresOptions } from './postgres.ts';
export {
  addToQuarantine,
  clearBuried,
  countQuarantine,
  dropFromQuarantine,
  hasOutdated,
  noteTried,
  quarantinedIds,
  listQuarantine,
  readSetAside,
  saveQuarantine,
  unfitFields,
  type QuarantinedField,
  type QuarantinePage,
  type QuarantineRow,
  type SetAsideRecord,
} from './quarantine.ts';
export {
  addRevision,
  currentRevision,
  currentRevisionId,
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
export { dueTenants, enrolTenants, lookAtTenants, markDue } from './tenant-schedule.ts';
export {
  claimDue,
  heartbeat,
  release,
  requestSync,
  type ClaimedStream,
  type LeaseHolder,
  type RunOutcome,
} from './stream-leases.ts';
export {
  dismissError,
  ensureStream,
  listStreams,
  noteLoadedSince,
  pauseStream,
  readStream,
  restartStream,
  setBackfillAsked,
  setExpectedRecords,
  holdStream,
  type BackfillAsked,
  type StreamPause,
  type StreamPhase,
  type StreamPlan,
  type StreamRow,
} from './streams.ts';
export {
  addLetter,
  changeLetter,
  listLetters,
  lockLetter,
  lockLetterById,
  removeLetterById,
  removeLetters,
  type DeadLetterKey,
  type DeadLetterKind,
  type DeadLetterRow,
  type LetterFailure,
} from './dead-letters.ts';
export { addSweepReport, listSweepReports, readDiverged, type Divergence, type SweepReport } from './sweep-reports.ts';
export {
  awaitReading,
  beginSweep,
  settledSince,
  countHealed,
  dismissSweep,
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
export { readImages, readImagesAt, type ChangeImages, type ImagePage } from './change-images.ts';
export {
  addDeliveries,
  countOpenDeliveries,
  listDeliveries,
  moveDelivery,
  nextDeliveries,
  noteAttempt,
  pruneDeliveries,
  replayDeliveries,
  soonestDelivery,
  type DeliveryAttempt,
  type DeliveryMove,
  type DeliveryRow,
  type ListedDelivery,
  type NewDelivery,
} from './deliveries.ts';
export {
  addSubscription,
  agentHasKey,
  claimTurns,
  forgiveSubscription,
  holdTurn,
  listSubscriptions,
  lockSubscription,
  readSubscription,
  readSubscriptionSecrets,
  removeSubscription,
  rotateSubscriptionSecret,
  setSubscriptionCursor,
  setSubscriptionHealth,
  setSubscriptionState,
  settleTurn,
  turnNow,
  turnsNow,
  type NewSubscription,
  type SubscriptionKey,
  type SubscriptionRow,
  type SubscriptionSecrets,
  type SubscriptionTurn,
} from './subscriptions.ts';
export { nextNumber } from './counters.ts';
export { addOperatorAct, listOperatorActs, type OperatorActRow } from './operator-acts.ts';
export {
  quarantinedValues,
  quarantineGroups,
  type QuarantinedValue,
  type QuarantineFilter,
  type QuarantineGroup,
} from './quarantine-groups.ts';
export { countDeadLetters, deadLettersOf, readDeadLetter, type DeadLetterCount } from './dead-letter-lists.ts';
export {
  addApproval,
  addApprovalCase,
  approvalCasesOf,
  approvalsOf,
  decideApprovalRow,
  endApproval,
  endApprovalCase,
  glassWhole,
  lastApprovalCase,
  listApprovals,
  lockApprovalCase,
  moveApproval,
  readApproval,
  readApprovalCase,
  setApprovalReview,
  soonestApproval,
  timelyApprovals,
  type ApprovalCaseLine,
  type ApprovalCaseRow,
  type ApprovalRow,
  type CaseKey,
  type NewApproval,
  type TimelyStates,
} from './approvals.ts';
export {
  addApprovalNotice,
  renewApprovalNotice,
  approvalNoticesOf,
  beginApprovalNotice,
  dueApprovalNotices,
  moveApprovalNotice,
  soonestApprovalNotice,
  type ApprovalNoticeKey,
  type ApprovalNoticeRow,
} from './approval-notices.ts';
export { approvalTurnDue, claimApprovalTurns, holdApprovalTurn, settleApprovalTurn } from './approval-turns.ts';
export {
  addApprovalLink,
  addDelegation,
  endDelegation,
  findApprovalLink,
  delegationsInForce,
  listDelegations,
  keyMakersSince,
  operatorRoleOf,
  standsInFor,
  sweepApprovalLinks,
  takeApprovalLink,
  type ApprovalLink,
  type DelegationRow,
} from './approval-people.ts';
export { trialFigures, type TrialFigures } from './trial-figures.ts';
export { dropSpent, keepSpent, lockSpending, readSpent, type SpentPlan, type SpentSum } from './policy-spent.ts';
export * from './writes.ts';
export * from './of-audit.ts';
export * from './of-identity.ts';
export * from './of-alerts.ts';
