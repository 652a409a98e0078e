import { agentStopsSql } from './agent-stops.ts';
import { accessClassesSql } from './access-classes.ts';
import { accessConnectionsSql } from './access-connections.ts';
import { accessRecordsSql } from './access-records.ts';
import { accessSamplesSql } from './access-samples.ts';
import { accessSeenSql } from './access-seen.ts';
import { accessTurnsSql } from './access-turns.ts';
import { principalLinksSql } from './principal-links.ts';
import { sharesSql } from './shares.ts';
import { standingsSql } from './standings.ts';
import { alertFactsSql } from './alert-facts.ts';
import { alertNoticesSql } from './alert-notices.ts';
import { alertTurnsSql } from './alert-turns.ts';
import { alertsSql } from './alerts.ts';
import { apiKeysSql } from './api-keys.ts';
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
import { deletedConnectionsSql, purgeSql } from './deleted-connections.ts';
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

/** Every statement of the store by file and name, for the test of the rules that keep one SQL for all sizes. */
export const storeStatements: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  agentStopsSql,
  accessClassesSql,
  accessConnectionsSql,
  accessRecordsSql,
  accessSamplesSql,
  accessSeenSql,
  accessTurnsSql,
  principalLinksSql,
  sharesSql,
  standingsSql,
  alertFactsSql,
  alertNoticesSql,
  alertTurnsSql,
  alertsSql,
  apiKeysSql,
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
  deadLettersSql,
  deletedConnectionsSql,
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
  tenantScheduleSql,
  tenantsSql,
  tokenCutoffsSql,
  webhookRegistrationsSql,
  webhooksSql,
};
