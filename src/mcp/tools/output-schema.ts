import type { JsonObject } from '../../kernel/index.ts';

/**
 * What a table tool answers: columns and rows, or objects; on failure an error
 * body, which clients check against the same schema. Kept to what a client can
 * use; the rest of the answer (freshness, sources, warnings) explains itself.
 */
export const tableOutput: JsonObject = {
  type: 'object',
  properties: {
    columns: { type: 'array', items: { type: 'string' } },
    rows: { type: 'array' },
    next_cursor: { type: 'string' },
    freshness: { type: 'object' },
  },
  anyOf: [{ required: ['columns', 'rows', 'freshness'] }, { required: ['code', 'message', 'fix'] }],
};
