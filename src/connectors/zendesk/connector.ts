import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { zendeskPermissions } from './access/permissions.ts';
import { zendeskWebhooks } from './webhooks.ts';

/** Zendesk Support: all of it is declaration, but for what its webhooks say, and who is shown what. */
export function zendeskConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/zendesk/connector.yaml');
  const connector = declaredConnector(declaration, deps, (context) => ({ permissions: zendeskPermissions(context) }));
  return { ...connector, events: { webhooks: zendeskWebhooks(declaration, deps) } };
}
