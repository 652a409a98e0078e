import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { zendeskWebhooks } from './webhooks.ts';

/** Zendesk Support: all of it is declaration, but for what its webhooks say. */
export function zendeskConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/zendesk/connector.yaml');
  return { ...declaredConnector(declaration, deps), events: { webhooks: zendeskWebhooks(declaration, deps) } };
}
