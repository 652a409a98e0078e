import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { describeObject, listObjects } from './discovery.ts';
import { readPage } from './read-page.ts';

/** Salesforce: sign-in, identity, counts, limits and errors are declared; schema and records speak SOQL and describe. */
export function salesforceConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/salesforce/connector.yaml');
  return declaredConnector(declaration, deps, (context) => ({
    listObjects: () => listObjects(context),
    describeObject: (name) => describeObject(context, name),
    readPage: (request) => readPage(context, request),
  }));
}
