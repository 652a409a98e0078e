/* Part of this folder's door: what happened and what is stopped. */
export {
  addCheckpoint,
  checkpointDue,
  claimAuditTurns,
  keepCheckpoint,
  listCheckpoints,
  type CheckpointRow,
} from './audit-checkpoints.ts';
export { searchAuditRows, type AuditPage, type AuditSearch, type FoundAudit } from './audit-search.ts';
export {
  addAuditRows,
  extraAuditPayloads,
  lockAuditHead,
  pruneAudit,
  readAuditHead,
  readAuditPage,
  type AuditColumns,
  type AuditEnd,
  type AuditHead,
  type AuditRow,
  type KeptAuditRow,
} from './audit.ts';
export { forgetSwitchWatch, keepSwitchWatch, lockSwitchWatch, type WatchKey } from './switch-watch.ts';
export {
  askToLift,
  isTriggered,
  liftSwitch,
  listSwitches,
  lockSwitch,
  openGlobalSwitches,
  openSwitches,
  throwSwitch,
  type NewSwitch,
  type SwitchOwner,
  type SwitchRow,
} from './switches.ts';
export { readConsoleMarks, readStoppedMark, readWaitingMark, type ConsoleMarks } from './console-marks.ts';
export { withinTenant } from './within-tenant.ts';
