export {
  approvalTable,
  caseStateOf,
  nextState,
  reviewTable,
  type ApprovalEvent,
  type ApprovalState,
  type CaseState,
  type ReviewEvent,
  type ReviewState,
} from './approval-state.ts';
export { approvalsStand, type Standing } from './approvals-stand.ts';
export { breakGlass } from './break-glass.ts';
export { decideApproval, type Decision } from './decide-approval.ts';
export { delegate, delegationsNow, undelegate } from './delegations.ts';
export type { ApprovalLogEvent } from './events.ts';
export {
  decideByLink,
  linkedApproval,
  toldApprovals,
  wholeApproval,
  type ToldApproval,
  type WholeApproval,
} from './look-up.ts';
export { aliasesOf, mayDecide, nameKey, type DecisionFacts, type MayDecide } from './may-decide.ts';
export { changeLine, messageOf, shownOf, type ApprovalMessage } from './message.ts';
export { noticeTable, recipientsOf, type NoticeEvent, type NoticeKind, type NoticeState } from './notices.ts';
export { dueEvent, moveOnTime } from './on-time.ts';
export { askReview, closeApprovals, openApprovals } from './open-approvals.ts';
export type { TellDeps, TellResult, TellTo } from './tell-due.ts';
export { startApprovalWorker, type ApprovalWorker } from './worker.ts';
export type {
  ApprovalDeps,
  ApprovalRequest,
  ApprovalSettings,
  DecidedOutcome,
  Decider,
  ShownChange,
  ShownPlan,
  Verdict,
} from './types.ts';
