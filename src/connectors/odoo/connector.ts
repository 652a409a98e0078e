import { readFileSync } from 'node:fs';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, httpDialect, type ConnectorDeps } from '../kit/declared-connector.ts';
import { adminRight } from './access/admin-right.ts';
import { odooPermissions } from './access/permissions.ts';
import { apiKeyMethod } from './credentials.ts';
import { describeObject } from './describe.ts';
import { listObjects } from './discovery.ts';
import { identify } from './identity.ts';
import { countRecords, listIds, readPage } from './read-page.ts';
import { grantsHash, listStamps, readRecords } from './read-records.ts';
import { odooWebhooks } from './webhooks.ts';
import { odooWrites } from './writes/writes.ts';

/** What a page is placed by, whatever else is read. */
const PLACE_FIELDS = ['id', 'write_date'];

/** Odoo 14 and later: types, limits, errors and what is left out are declared; the rest speaks the ORM's methods. */
export function odooConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/odoo/connector.yaml');
  const declared = declaredConnector(
    declaration,
    deps,
    (context) => ({
      identify: () => identify(context),
      adminRight: () => adminRight(context),
      listObjects: () => listObjects(context),
      describeObject: (name) => describeObject(context, name),
      readPage: (request) => readPage(context, request),
      countRecords: (object) => countRecords(context, object),
      listIds: (object, afterId) => listIds(context, object, afterId),
      listStamps: (object, afterId) => listStamps(context, object, afterId),
      readRecords: (object, ids) => readRecords(context, object, ids),
      grantsHash: () => grantsHash(context),
      permissions: odooPermissions(context),
      writes: odooWrites(context),
      placeFields: (object) => object.fields.map(({ name }) => name).filter((name) => PLACE_FIELDS.includes(name)),
    }),
    [apiKeyMethod(httpDialect(declaration), deps)],
  );
  return { ...declared, events: { webhooks: odooWebhooks(declaration, deps) } };
}
