import { readFileSync } from 'node:fs';
import { limits } from '../../kernel/index.ts';
import type { Connector } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps } from '../kit/declared-connector.ts';
import { adminRight } from './access/own-rights.ts';
import { salesforcePermissions } from './access/permissions.ts';
import { describeObject, listObjects, schemaMemory } from './discovery.ts';
import { jwtBearer } from './jwt-bearer.ts';
import { changeEvents, type FollowOptions } from './pubsub/follow.ts';
import { readPage } from './read-page.ts';
import { grantsHash, listStamps, readRecords } from './read-records.ts';
import { salesforceWrites } from './writes/session.ts';

/** What a page is placed by, whatever else is read (read-keyset.ts). */
const PLACE_FIELDS = ['Id', 'SystemModstamp', 'LastModifiedDate', 'IsDeleted'];

/** Small jobs end within a second. */
const FIRST_LOOK_MS = 200;

export interface SalesforceOptions {
  /** First loads of more records than this are made by bulk job; Infinity: none. */
  readonly bulkFromRecords?: number;
  /** Records in one page of a job's results. */
  readonly bulkPageRecords?: number;
  /** Writes of more records than this are made by bulk job; Infinity: none. */
  readonly writeJobFromRecords?: number;
  /** Patience with a line of events that says nothing. */
  readonly eventLine?: Pick<FollowOptions, 'silenceMs' | 'pingMs'>;
}

/** Salesforce: sign-in, identity, counts, limits and errors are declared; schema and records speak SOQL and describe. */
export function salesforceConnector(
  deps: ConnectorDeps,
  {
    bulkFromRecords = limits.bulkFromRecords,
    bulkPageRecords = limits.bulkPageRecordsMax,
    writeJobFromRecords = limits.writeJobFromRecords,
    eventLine = {},
  }: SalesforceOptions = {},
): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/salesforce/connector.yaml');
  const bulk = { fromRecords: bulkFromRecords, pageRecords: bulkPageRecords, clock: deps.clock, signal: deps.signal };
  const connector = declaredConnector(
    declaration,
    deps,
    (context) => {
      const memory = schemaMemory(context);
      return {
        adminRight: () => adminRight(context),
        listObjects: () => listObjects(context),
        describeObject: (name) => describeObject(context, memory, name),
        readPage: (request) => readPage(context, request, bulk),
        readRecords: (object, ids) => readRecords(context, object, ids),
        listStamps: (object, afterId) => listStamps(context, object, afterId),
        grantsHash: () => grantsHash(context),
        permissions: salesforcePermissions(context),
        writes: salesforceWrites(context, {
          jobFromRecords: writeJobFromRecords,
          firstLookMs: FIRST_LOOK_MS,
          clock: deps.clock,
          describe: (name) => describeObject(context, memory, name),
        }),
        placeFields: (object) => object.fields.map((field) => field.name).filter((name) => PLACE_FIELDS.includes(name)),
      };
    },
    [jwtBearer(declaration, deps.clock)],
  );
  const stream = changeEvents((access) => connector.open(access), { clock: deps.clock, ...eventLine });
  return { ...connector, events: { stream } };
}
