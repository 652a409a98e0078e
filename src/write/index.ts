export type { Asker, PlanPorts } from './plan/ports.ts';
export type { OperationRequest } from './plan/operation-request.ts';
export { operationOf, planOperation } from './plan/plan-operation.ts';
export { stepState, type StepState } from './steps/step-status.ts';
export { planSteps, type StepsRequest } from './steps/plan-steps.ts';
export { payloadHash, planWrite } from './plan/plan-write.ts';
export { shownParts } from './plan/check-preconditions.ts';
export { holdsAfter as holdsOfNew } from './plan/check-after.ts';
export type {
  FieldChange,
  Impact,
  IntendedRecord,
  OnFailure,
  PlanId,
  PlannedWrite,
  PlanProblem,
  PlanQuestion,
  PlanStatus,
  UnseenCondition,
  WriteIntent,
  WritePlan,
  WriteStatus,
} from './types.ts';
export type {
  PlanApprovals,
  PlanFacts,
  PlanRules,
  RightsQuestion,
  UserQuestion,
  WriteActor,
  WriteDeps,
  WriteTarget,
} from './deps.ts';
export type { WriteLogEvent } from './events.ts';
export type { KeyedRequest } from './keep-plan.ts';
export type { PersonsWord } from './by-person.ts';
export type { PendingValues } from './pending.ts';
export type { DeadWrite, DeadWritesAsked } from './dead-writes.ts';
export type { PlanOutcome } from './commit.ts';
export type { StatusPage } from './plan-status.ts';
export { planTable, type PlanEvent, type PlanState } from './plan-state.ts';
export { writeTable, type WriteEvent, type WriteState } from './write-state.ts';
export { takeBackTable, type TakeBackEvent, type TakeBackState } from './take-back/take-back-state.ts';
export { takeBackWords, type TakeBackWord } from './take-back/by-person.ts';
export { batchesOf, type BatchGroup } from './batch.ts';
export { nextOf } from './move-plan.ts';
export { standingOf } from './images.ts';
export { hashesOf } from './keep-plan.ts';
export { codeText } from './code-text.ts';
export { createWrites, type ListedPlan, type Writes } from './writes.ts';
export { startWriteWorker, type WriteWorker } from './worker.ts';
export { chainsOf, type RecordChain } from './undo/chain.ts';
export { joinRestored } from './undo/brought-back.ts';
export { isUndoRow } from './plan-row.ts';
export { movedIn } from './plan-systems.ts';
export { compareRecord, type FieldVerdict, type RecordVerdict } from './undo/compare.ts';
export type { PreparedUndo } from './undo/plan-undo.ts';
export type { UndoRequest, UndoScope } from './undo/types.ts';
export { undoSight, type Sight, type UndoSight } from './undo/sight.ts';
export { isShown } from './plan/field-place.ts';
export { isUndoPlan, undoIntent } from './operations-of.ts';
export { isPersonsUndo } from './persons-undo.ts';
export type { LeftOut, UndoReport } from './undo/report.ts';
