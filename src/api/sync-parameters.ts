import type { JsonObject } from '../kernel/index.ts';

/** Parameters of addresses as OpenAPI has them. */
export const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
export const inQuery = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string' } });
export const tenantInQuery: JsonObject = { ...inQuery('tenant'), required: true };
export const limitInQuery: JsonObject = {
  name: 'limit',
  in: 'query',
  schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
};

/** Of lists that may be of one connection, or one object, only. */
export const ofObject: readonly JsonObject[] = [tenantInQuery, inQuery('connection'), inQuery('object'), limitInQuery];
