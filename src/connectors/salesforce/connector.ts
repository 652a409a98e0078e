import { readFileSync } from 'node:fs';
import { limits } from '../../kernel/index.ts';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { describeObject, listObjects, schemaMemory } from './discovery.ts';
import { jwtBearer } from './jwt-bearer.ts';
import { readPage } from './read-page.ts';

export interface SalesforceOptions {
  /** First loads of more records than this are made by bulk job; Infinity: none. */
  readonly bulkFromRecords?: number;
  /** Records in one page of a job's results. */
  readonly bulkPageRecords?: number;
}

/** Salesforce: sign-in, identity, counts, limits and errors are declared; schema and records speak SOQL and describe. */
export function salesforceConnector(
  deps: ConnectorDeps,
  { bulkFromRecords = limits.bulkFromRecords, bulkPageRecords = limits.bulkPageRecordsMax }: SalesforceOptions = {},
): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/salesforce/connector.yaml');
  const bulk = { fromRecords: bulkFromRecords, pageRecords: bulkPageRecords, clock: deps.clock, signal: deps.signal };
  return declaredConnector(
    declaration,
    deps,
    (context) => {
      const memory = schemaMemory(context);
      return {
        listObjects: () => listObjects(context),
        describeObject: (name) => describeObject(context, memory, name),
        readPage: (request) => readPage(context, request, bulk),
      };
    },
    [jwtBearer(declaration, deps.clock)],
  );
}
