import { apiKeysSql } from './api-keys.ts';
import { changesSql } from './changes.ts';
import { connectionsSql } from './connections.ts';
import { countersSql } from './counters.ts';
import { credentialsSql } from './credentials.ts';
import { historySql } from './history.ts';
import { ingestSql } from './ingest.ts';
import { inspectSql } from './inspect.ts';
import { lensNodesSql } from './lens-nodes.ts';
import { migrateSql } from './migrate.ts';
import { oauthStatesSql } from './oauth-states.ts';
import { overlaysSql } from './overlays.ts';
import { quarantineSql } from './quarantine.ts';
import { revisionsSql } from './revisions.ts';
import { schemaVersionsSql } from './schema-versions.ts';
import { settingsSql } from './settings.ts';
import { streamLeasesSql } from './stream-leases.ts';
import { streamsSql } from './streams.ts';
import { sweepsSql } from './sweeps.ts';
import { tenantsSql } from './tenants.ts';

/** Every statement of the store by file and name, for the test of the rules that keep one SQL for all sizes. */
export const storeStatements: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apiKeysSql,
  changesSql,
  connectionsSql,
  countersSql,
  credentialsSql,
  historySql,
  ingestSql,
  inspectSql,
  lensNodesSql,
  migrateSql,
  oauthStatesSql,
  overlaysSql,
  quarantineSql,
  revisionsSql,
  schemaVersionsSql,
  settingsSql,
  streamLeasesSql,
  streamsSql,
  sweepsSql,
  tenantsSql,
};
