import type { Command } from './command.ts';
import { alerts, alertsAck, alertsRoutes, alertsTest } from './commands/alerts.ts';
import {
  approvals,
  approvalsBreakGlass,
  approvalsDecide,
  approvalsDelegate,
  approvalsDelegations,
  approvalsPilots,
  approvalsShow,
} from './commands/approvals.ts';
import { apply, rollback } from './commands/apply.ts';
import { connectTokenCreate, connectTokenList, connectTokenRevoke } from './commands/connect-token.ts';
import {
  connectionDelete,
  connectionList,
  connectionPause,
  connectionResume,
  connectionRevoke,
  connectionShow,
} from './commands/connection-life.ts';
import { acts } from './commands/acts.ts';
import { audit, auditKey, auditVerify } from './commands/audit.ts';
import { checklist } from './commands/checklist.ts';
import { kill, killLift, switches } from './commands/kill.ts';
import { comparisons, deletions, deletionsAccept, deletionsDismiss } from './commands/comparisons.ts';
import { connect, status } from './commands/connection.ts';
import { deadEvents, deadEventsDrop, deadEventsReplay } from './commands/dead-events.ts';
import { deadLetters, deadLettersDrop, deadLettersReplay, deadLettersShow } from './commands/dead-letters.ts';
import { deadWrites } from './commands/dead-writes.ts';
import { quarantine, quarantineReplay } from './commands/quarantine.ts';
import { sync, syncBackfill, syncPause, syncResume } from './commands/sync.ts';
import { erase, eraseLift, eraseList, eraseShow } from './commands/erase.ts';
import { tenantOffboard, tenantOffboardings } from './commands/offboard.ts';
import { doctor } from './commands/doctor.ts';
import { agents, agentsResume, agentsSuspend } from './commands/agents.ts';
import { keyCreate, keyList, keyRevoke, keyRotate } from './commands/key.ts';
import { operatorsAdd, operatorsList, operatorsRemove, operatorsSignOut } from './commands/operators.ts';
import { principals, principalsLink, principalsSignOut, principalsUnlink } from './commands/principals.ts';
import { usersAdd, usersList, usersRemove } from './commands/users.ts';
import { lensRebuild, lensSnapshot, lensStatus } from './commands/lens.ts';
import { mcp } from './commands/mcp.ts';
import { overlayRemove, overlaySet, overlayShow } from './commands/overlay.ts';
import { plan } from './commands/plan.ts';
import { plans, plansSettle, plansShow, plansTakeBack, plansWithdraw } from './commands/plans.ts';
import { revisions } from './commands/revisions.ts';
import { sandbox } from './commands/sandbox.ts';
import { dev, serve } from './commands/serve.ts';
import { tenantCreate, tenantList } from './commands/tenant.ts';
import {
  subscriptionCreate,
  subscriptionDelete,
  subscriptionDeliveries,
  subscriptionList,
  subscriptionPause,
  subscriptionReplay,
  subscriptionResume,
  subscriptionRotate,
} from './commands/subscription.ts';
import { undo } from './commands/undo.ts';
import { vaultRotate, vaultStatus } from './commands/vault.ts';
import { validate } from './commands/validate.ts';

/** Every command, in the order in which `gantry help` tells of them. */
export const commands: readonly Command[] = [
  validate,
  plan,
  apply,
  rollback,
  revisions,
  overlaySet,
  overlayShow,
  overlayRemove,
  dev,
  serve,
  tenantCreate,
  tenantList,
  tenantOffboard,
  tenantOffboardings,
  erase,
  eraseList,
  eraseShow,
  eraseLift,
  keyCreate,
  keyList,
  keyRotate,
  keyRevoke,
  agentsSuspend,
  agentsResume,
  agents,
  principalsLink,
  principalsUnlink,
  principalsSignOut,
  principals,
  usersAdd,
  usersList,
  usersRemove,
  operatorsAdd,
  operatorsList,
  operatorsRemove,
  operatorsSignOut,
  connect,
  connectTokenCreate,
  connectTokenList,
  connectTokenRevoke,
  connectionList,
  connectionShow,
  connectionPause,
  connectionResume,
  connectionRevoke,
  connectionDelete,
  status,
  sync,
  syncPause,
  syncResume,
  syncBackfill,
  comparisons,
  deletions,
  deletionsAccept,
  deletionsDismiss,
  deadLetters,
  deadLettersShow,
  deadLettersReplay,
  deadLettersDrop,
  deadEvents,
  deadEventsReplay,
  deadEventsDrop,
  quarantine,
  quarantineReplay,
  acts,
  auditVerify,
  auditKey,
  audit,
  killLift,
  kill,
  switches,
  checklist,
  plansShow,
  plansWithdraw,
  plansSettle,
  plansTakeBack,
  deadWrites,
  plans,
  undo,
  approvalsShow,
  approvalsDecide,
  approvalsDelegate,
  approvalsDelegations,
  approvalsBreakGlass,
  approvalsPilots,
  approvals,
  alertsAck,
  alertsRoutes,
  alertsTest,
  alerts,
  lensStatus,
  lensRebuild,
  lensSnapshot,
  subscriptionCreate,
  subscriptionList,
  subscriptionDeliveries,
  subscriptionReplay,
  subscriptionPause,
  subscriptionResume,
  subscriptionRotate,
  subscriptionDelete,
  vaultStatus,
  vaultRotate,
  mcp,
  sandbox,
  doctor,
];
