import { agentStopsSql } from './agent-stops.ts';
import { accessClassesSql } from './access-classes.ts';
import { accessConnectionsSql } from './access-connections.ts';
import { accessGarbageSql } from './access-garbage.ts';
import { accessRecordsSql } from './access-records.ts';
import { accessSamplesSql } from './access-samples.ts';
import { accessTurnsSql } from './access-turns.ts';
import { principalLinksSql } from './principal-links.ts';
import { sharesSql } from './shares.ts';
import { standingsSql } from './standings.ts';
import { alertFactsSql } from './alert-facts.ts';
import { alertNoticesSql } from './alert-notices.ts';
import { alertTurnsSql } from './alert-turns.ts';
import { alertsSql } from './alerts.ts';
import { apiKeysSql } from './api-keys.ts';
import { approvalNoticesSql } from './approval-notices.ts';
import { approvalPeopleSql } from './approval-people.ts';
import { approvalTurnsSql } from './approval-turns.ts';
import { approvalsSql } from './approvals.ts';
import { prunePlansSql } from './prune-plans.ts';
import { policySpentSql } from './policy-spent.ts';
import { trialFiguresSql } from './trial-figures.ts';
import { auditSql } from './audit.ts';
import { auditCheckpointsSql } from './audit-checkpoints.ts';
import { auditSearchSql } from './audit-search.ts';
import { consoleMarksSql } from './console-marks.ts';
import { switchesSql } from './switches.ts';
import { switchWatchSql } from './switch-watch.ts';
import { budgetsSql } from './budgets.ts';
import { changeImagesSql } from './change-images.ts';
import { changesSql } from './changes.ts';
import { choresSql } from './connection-chores.ts';
import { circuitsSql } from './circuits.ts';
import { connectionsSql } from './connections.ts';
import { connectTokensSql } from './connect-tokens.ts';
import { countersSql } from './counters.ts';
import { credentialsSql } from './credentials.ts';
import { deadLetterListsSql } from './dead-letter-lists.ts';
import { deadLettersSql } from './dead-letters.ts';
import { deadWritesSql } from './dead-writes.ts';
import { deletedConnectionsSql, purgeSql } from './deleted-connections.ts';
import { eraseFindSql } from './erase-find.ts';
import { eraseJobsSql } from './erase-jobs.ts';
import { eraseOffboardingSql } from './erase-offboarding.ts';
import { auditErasuresSql, erasureCountsSql, erasuresSql } from './erase-places.ts';
import { suppressedSql } from './erase-suppressed.ts';
import { eraseTenantSql, tenantCountsSql } from './erase-tenant.ts';
import { eventLinesSql } from './event-lines.ts';
import { deliveriesSql } from './deliveries.ts';
import { historySql } from './history.ts';
import { inboxSql } from './inbox.ts';
import { ingestSql } from './ingest.ts';
import { inspectSql } from './inspect.ts';
import { lensNodesSql } from './lens-nodes.ts';
import { migrateSql } from './migrate.ts';
import { localUsersSql } from './local-users.ts';
import { oauthItemsSql } from './oauth-items.ts';
import { oauthStatesSql } from './oauth-states.ts';
import { operatorCutoffsSql } from './operator-cutoffs.ts';
import { operatorTokensSql } from './operator-tokens.ts';
import { operatorsSql } from './operators.ts';
import { operatorActsSql } from './operator-acts.ts';
import { overlaysSql } from './overlays.ts';
import { quarantineGroupsSql } from './quarantine-groups.ts';
import { quarantineSql } from './quarantine.ts';
import { revisionsSql } from './revisions.ts';
import { schemaVersionsSql } from './schema-versions.ts';
import { signInLinksSql } from './sign-in-links.ts';
import { tokenCutoffsSql } from './token-cutoffs.ts';
import { settingsSql } from './settings.ts';
import { streamLeasesSql } from './stream-leases.ts';
import { streamsSql } from './streams.ts';
import { subscriptionsSql } from './subscriptions.ts';
import { sweepReportsSql } from './sweep-reports.ts';
import { sweepsSql } from './sweeps.ts';
import { tenantScheduleSql } from './tenant-schedule.ts';
import { tenantsSql } from './tenants.ts';
import { webhookRegistrationsSql } from './webhook-registrations.ts';
import { webhooksSql } from './webhooks.ts';
import { writeJournalSql } from './write-journal.ts';
import { writePlansSql } from './write-plans.ts';
import { writeQueueSql } from './write-queue.ts';
import { writeRequestsSql } from './write-requests.ts';
import { writeTakeBacksSql } from './write-take-backs.ts';
import { writeTurnsSql } from './write-turns.ts';

/** Every statement of the store by file and name, for the test of the rules that keep one SQL for all sizes. */
export const storeStatements: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  agentStopsSql,
  accessClassesSql,
  accessConnectionsSql,
  accessGarbageSql,
  accessRecordsSql,
  accessSamplesSql,
  accessTurnsSql,
  principalLinksSql,
  sharesSql,
  standingsSql,
  alertFactsSql,
  alertNoticesSql,
  alertTurnsSql,
  alertsSql,
  apiKeysSql,
  approvalNoticesSql,
  approvalPeopleSql,
  approvalTurnsSql,
  approvalsSql,
  policySpentSql,
  prunePlansSql,
  trialFiguresSql,
  auditCheckpointsSql,
  auditSearchSql,
  consoleMarksSql,
  auditSql,
  switchesSql,
  switchWatchSql,
  budgetsSql,
  changeImagesSql,
  changesSql,
  circuitsSql,
  choresSql,
  connectTokensSql,
  connectionsSql,
  countersSql,
  credentialsSql,
  deadLetterListsSql,
  deadWritesSql,
  deadLettersSql,
  deletedConnectionsSql,
  eraseFindSql,
  eraseJobsSql,
  eraseOffboardingSql,
  eraseTenantSql,
  erasureCountsSql,
  erasuresSql,
  auditErasuresSql,
  eventLinesSql,
  deliveriesSql,
  historySql,
  inboxSql,
  ingestSql,
  inspectSql,
  lensNodesSql,
  localUsersSql,
  migrateSql,
  oauthItemsSql,
  oauthStatesSql,
  operatorActsSql,
  operatorCutoffsSql,
  operatorTokensSql,
  operatorsSql,
  overlaysSql,
  purgeSql,
  quarantineGroupsSql,
  quarantineSql,
  revisionsSql,
  schemaVersionsSql,
  settingsSql,
  signInLinksSql,
  streamLeasesSql,
  streamsSql,
  subscriptionsSql,
  sweepReportsSql,
  sweepsSql,
  suppressedSql,
  tenantCountsSql,
  tenantScheduleSql,
  tenantsSql,
  tokenCutoffsSql,
  webhookRegistrationsSql,
  webhooksSql,
  writeJournalSql,
  writePlansSql,
  writeQueueSql,
  writeRequestsSql,
  writeTakeBacksSql,
  writeTurnsSql,
};
