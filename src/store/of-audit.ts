/* Part of this folder's door: what happened and what is stopped. */
export {
  checkpointDue,
  claimAuditTurns,
  keepCheckpoint,
  listCheckpoints,
  type CheckpointRow,
} from './audit-checkpoints.ts';
export { searchAuditRows, type AuditSearch, type FoundAudit } from './audit-search.ts';
export {
  addAuditRows,
  eraseAuditPayloads,
  extraAuditPayloads,
  findAuditAbout,
  lockAuditHead,
  pruneAudit,
  readAuditHead,
  readAuditPage,
  type AuditColumns,
  type AuditHead,
  type AuditRow,
  type AuditSubjects,
  type KeptAuditRow,
} from './audit.ts';
export {
  askToLift,
  liftSwitch,
  listSwitches,
  lockSwitch,
  openSwitches,
  throwSwitch,
  type NewSwitch,
  type SwitchOwner,
  type SwitchRow,
} from './switches.ts';
export { readConsoleMarks, type ConsoleMarks } from './console-marks.ts';
export { withinTenant } from './within-tenant.ts';
