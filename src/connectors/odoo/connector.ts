import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, httpDialect, type ConnectorDeps } from '../kit/declared-connector.ts';
import { apiKeyMethod } from './credentials.ts';
import { describeObject } from './describe.ts';
import { listObjects } from './discovery.ts';
import { identify } from './identity.ts';
import { countRecords, listIds, readPage } from './read-page.ts';

/** Odoo 14 and later: types, limits, errors and what is left out are declared; the rest speaks the ORM's methods. */
export function odooConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/odoo/connector.yaml');
  return declaredConnector(
    declaration,
    deps,
    (context) => ({
      identify: () => identify(context),
      listObjects: () => listObjects(context),
      describeObject: (name) => describeObject(context, name),
      readPage: (request) => readPage(context, request),
      countRecords: (object) => countRecords(context, object),
      listIds: (object, afterId) => listIds(context, object, afterId),
    }),
    [apiKeyMethod(httpDialect(declaration), deps)],
  );
}
