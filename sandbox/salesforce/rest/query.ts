import { json, type SandboxResponse } from '../../kit/index.ts';
import type { SoqlOrg } from '../org.ts';
import { prepareSoql, type PreparedQuery } from '../soql/execute.ts';
import { PlainQueryError, SoqlError } from '../soql/soql-error.ts';
import type { Cursor, Cursors } from './cursors.ts';
import { apiError } from './errors.ts';
import type { ApiCall } from './session.ts';

const BATCH_DEFAULT = 2_000;
const BATCH_MIN = 200;

/** `GET /query?q=` and `/queryAll?q=`: the first batch and, when there is more, where to find the next. */
export function runQuery(org: SoqlOrg, cursors: Cursors, call: ApiCall, includeDeleted: boolean): SandboxResponse {
  return runPrepared(call, cursors, (text) => prepareSoql(org, text), includeDeleted);
}

/** The same for queries that `prepare` may refuse. */
export function runPrepared(
  call: ApiCall,
  cursors: Cursors,
  prepare: (text: string) => PreparedQuery | SandboxResponse,
  includeDeleted: boolean,
): SandboxResponse {
  const text = call.request.query.get('q');
  if (text === null || text.trim() === '') return apiError(400, 'MALFORMED_QUERY', 'unexpected token: <EOF>');
  try {
    const prepared = prepare(text);
    if ('status' in prepared) return prepared;
    const result = prepared.run(includeDeleted);
    if (result.kind === 'count') return json(200, { totalSize: result.total, done: true, records: [] });
    if (result.kind === 'aggregate') {
      return json(200, { totalSize: result.rows.length, done: true, records: result.rows });
    }
    const cursor: Cursor = {
      user: call.user.username,
      rows: result.rows,
      batchSize: batchSize(call),
      render: result.render,
    };
    const id = result.rows.length > cursor.batchSize ? cursors.open(cursor) : null;
    return batch(call, cursor, id, 0);
  } catch (error) {
    if (error instanceof SoqlError || error instanceof PlainQueryError)
      return apiError(400, error.errorCode, error.message);
    throw error;
  }
}

/** `GET /query/LOCATOR-OFFSET`: a further batch of an open query. Asking twice gives the same batch twice. */
export function runQueryMore(cursors: Cursors, call: ApiCall): SandboxResponse {
  const match = /^(\w+)-(\d+)$/.exec(call.request.params['locator'] ?? '');
  const id = match?.[1] ?? '';
  const cursor = cursors.find(id, call.user.username);
  const offset = Number(match?.[2]);
  if (cursor === null || offset >= cursor.rows.length)
    return apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return batch(call, cursor, id, offset);
}

function batch(call: ApiCall, cursor: Cursor, id: string | null, offset: number): SandboxResponse {
  const end = offset + cursor.batchSize;
  const done = end >= cursor.rows.length;
  const kind = call.request.path.includes('/queryAll') ? 'queryAll' : 'query';
  return json(200, {
    totalSize: cursor.rows.length,
    done,
    ...(done || id === null ? {} : { nextRecordsUrl: `${call.base}/${kind}/${id}-${end}` }),
    records: cursor.rows.slice(offset, end).map((row) => cursor.render(row, call.base)),
  });
}

/** `Sforce-Query-Options: batchSize=500`, kept between 200 and 2,000. */
function batchSize(call: ApiCall): number {
  const header = call.request.headers['sforce-query-options'];
  const wanted = Number(/batchSize\s*=\s*(\d+)/i.exec(String(header ?? ''))?.[1] ?? BATCH_DEFAULT);
  return Math.min(BATCH_DEFAULT, Math.max(BATCH_MIN, wanted));
}
