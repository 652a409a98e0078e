import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { UpstreamRequest } from '../../kit/http-client.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { refusalIn } from './refusals.ts';
import { matchOf } from './single.ts';
import { idIn, isSameId, restValue, restValues } from './values.ts';
import { keyIn } from './way.ts';

/**
 * Up to 200 records by one call, each for itself (`allOrNone: false`). Results
 * come in the order of the records. Source: REST API Developer Guide, "sObject
 * Collections".
 */
export async function sendCollection(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  const { items } = request;
  const answer = await writeCall(context, callOf(context, request), request.beforeSend);
  if (answer.kind === 'unknown') return items.map(() => UNKNOWN);
  const { status, body } = answer;
  if (status >= 300) {
    const refused = refusedBy(refusalIn(body));
    return items.map(() => refused);
  }
  // A list of another length says nothing of any of them.
  if (!Array.isArray(body) || body.length !== items.length) return items.map(() => UNKNOWN);
  return items.map((item, at) => outcomeOf(request, item, (body as readonly Json[])[at]));
}

function callOf({ declaration }: SessionContext, { object, operation, items }: WriteRequest): UpstreamRequest {
  const base = `/services/data/${declaration.api_version}/composite/sobjects`;
  const send = (method: 'POST' | 'PATCH', path: string, records: readonly JsonObject[]): UpstreamRequest => ({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      allOrNone: false,
      records: records.map((record) => ({ attributes: { type: object.name }, ...record })),
    }),
  });
  switch (operation) {
    case 'create':
      return send(
        'POST',
        base,
        items.map((item) => ({ ...restValues(item), ...keyIn(object, item) })),
      );
    case 'update':
      return send(
        'PATCH',
        base,
        items.map((item) => ({ ...restValues(item), id: item.recordId })),
      );
    case 'delete': {
      const ids = items.map((item) => item.recordId ?? '').join(',');
      return { method: 'DELETE', path: base, query: { ids, allOrNone: 'false' } };
    }
    case 'upsert': {
      const field = matchField(items);
      const matched = items.map((item) => ({ ...restValues(item), [field]: restValue(matchOf(item).value) }));
      return send('PATCH', `${base}/${object.name}/${field}`, matched);
    }
  }
}

/** All records of an upsert are matched by the same field. */
export function matchField(items: readonly WriteItem[]): string {
  const fields = [...new Set(items.map((item) => matchOf(item).field))];
  const [field] = fields;
  if (field === undefined || fields.length > 1) throw new Error('records of one upsert are matched by one field');
  return field;
}

function outcomeOf({ operation }: WriteRequest, item: WriteItem, row: Json | undefined): WriteOutcome {
  if (!isJsonObject(row)) return UNKNOWN;
  if (row['success'] !== true) return Array.isArray(row['errors']) ? refusedBy(refusalIn(row['errors'])) : UNKNOWN;
  const id = idIn(textAt(row, 'id'));
  // An outcome of another record says nothing of this one.
  if (id === null || (item.recordId !== null && !isSameId(id, item.recordId))) return UNKNOWN;
  if (operation === 'update' || operation === 'delete') return applied(id);
  return applied(id, { created: operation === 'create' || row['created'] === true });
}
