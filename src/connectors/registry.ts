import { GantryError, suggest } from '../kernel/index.ts';
import type { Connector } from './contract.ts';
import type { ConnectorDeps } from './kit/declared-connector.ts';
import { googleCalendarConnector } from './google-calendar/connector.ts';
import { odooConnector } from './odoo/connector.ts';
import { salesforceConnector } from './salesforce/connector.ts';
import { zendeskConnector } from './zendesk/connector.ts';

/** All connectors by provider name. Built here and nowhere else: importing a connector registers nothing. */
export function connectorRegistry(deps: ConnectorDeps): ReadonlyMap<string, Connector> {
  const all = [salesforceConnector(deps), odooConnector(deps), zendeskConnector(deps), googleCalendarConnector(deps)];
  return new Map(all.map((connector) => [connector.provider, connector]));
}

/** Raises `connector_unknown` with the names that exist. */
export function requireConnector(registry: ReadonlyMap<string, Connector>, provider: string): Connector {
  const connector = registry.get(provider);
  if (connector !== undefined) return connector;
  throw new GantryError('connector_unknown', {
    message: `There is no connector named "${provider}".`,
    suggestions: suggest(provider, registry.keys()),
    allowed: [...registry.keys()],
  });
}
