export { auditAppender, type AppendAudit } from './append.ts';
export { appendOfInstallation, INSTALLATION_CHAIN, INSTALLATION_NAME } from './installation-chain.ts';
export { changeEntry, type Change } from './change-entry.ts';
export {
  checkpointFile,
  checkpointKey,
  isSigned,
  readCheckpointLine,
  type CheckpointKey,
  type SignedCheckpoint,
} from './checkpoint.ts';
export { startCheckpoints, type CheckpointDeps } from './checkpoint-worker.ts';
export type { AuditLogEvent } from './events.ts';
export { createAuditReads, type AuditReads } from './reads.ts';
export { searchAudit, type AuditAnswer, type AuditQuestion, type ToldEntry } from './search.ts';
export { sentenceOf } from './sentence.ts';
export { verifyAudit, type AuditFinding, type AuditFindingKind, type AuditReport, type Checkpoint } from './verify.ts';
export type { AuditActor, AuditEntry, AuditKind, AuditSubject } from './types.ts';
export { auditKinds } from './types.ts';
