import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { adminRight } from './access/admin-right.ts';
import { zendeskPermissions } from './access/permissions.ts';
import { zendeskWebhooks } from './webhooks.ts';
import { zendeskWrites } from './writes/writes.ts';

/** Zendesk Support: reading is declaration; what its webhooks say, who is shown what and how it is written are not. */
export function zendeskConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/zendesk/connector.yaml');
  const connector = declaredConnector(declaration, deps, (context) => ({
    adminRight: () => adminRight(context),
    permissions: zendeskPermissions(context),
    writes: zendeskWrites(context),
  }));
  return { ...connector, writeScopes: ['write'], events: { webhooks: zendeskWebhooks(declaration, deps) } };
}
