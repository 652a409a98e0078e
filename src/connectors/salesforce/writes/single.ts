import { isJsonObject, type Json } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { UpstreamRequest } from '../../kit/http-client.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, CHANGED, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { refusalIn } from './refusals.ts';
import { idIn, restValues } from './values.ts';
import { keyIn } from './way.ts';

/** One record by one call. Source: REST API Developer Guide, "sObject Rows" and "sObject Rows by External ID". */
export async function sendSingle(
  context: SessionContext,
  request: WriteRequest,
  item: WriteItem,
): Promise<WriteOutcome> {
  const answer = await writeCall(context, callOf(context, request, item), request.beforeSend);
  if (answer.kind === 'unknown') return UNKNOWN;
  const { status, body } = answer;
  if (status === 412) return CHANGED;
  // The value stands in more than one record.
  if (status === 300) return refusedBy(refusal('duplicate', 'MULTIPLE_CHOICES'));
  if (status >= 400) return refusedBy(refusalIn(body));
  return doneIn(request, item, status, body);
}

function callOf({ declaration }: SessionContext, request: WriteRequest, item: WriteItem): UpstreamRequest {
  const { object, operation } = request;
  const base = `/services/data/${declaration.api_version}/sobjects/${object.name}`;
  const values = restValues(item);
  const send = (method: UpstreamRequest['method'], path: string, body: Json | null): UpstreamRequest => ({
    method: method ?? 'POST',
    path,
    ...(body === null ? {} : { body: JSON.stringify(body) }),
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(item.ifVersion === null ? {} : { 'if-unmodified-since': new Date(item.ifVersion).toUTCString() }),
    },
  });
  const byId = `${base}/${encodeURIComponent(item.recordId ?? '')}`;
  switch (operation) {
    case 'create':
      return send('POST', base, { ...values, ...keyIn(object, item) });
    case 'update':
      return send('PATCH', byId, values);
    case 'delete':
      return send('DELETE', byId, null);
    case 'upsert': {
      const { field, value } = matchOf(item);
      return send('PATCH', `${base}/${field}/${encodeURIComponent(String(value))}`, without(values, field));
    }
  }
}

export function matchOf(item: WriteItem): { readonly field: string; readonly value: string | number } {
  const { field, value } = item.match ?? { field: '', value: null };
  // The name goes into a path: only what Salesforce itself allows as an API name passes.
  if (!/^[A-Za-z]\w*$/.test(field) || (typeof value !== 'string' && typeof value !== 'number'))
    throw new Error('an upsert needs a field and a text or number to match by');
  return { field, value };
}

/** "The external ID field and its value can't be in the body, too." */
const without = (values: Readonly<Record<string, Json>>, field: string): Json =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name.toLowerCase() !== field.toLowerCase()));

function doneIn({ operation }: WriteRequest, item: WriteItem, status: number, body: Json): WriteOutcome {
  if (operation === 'update' || operation === 'delete') {
    return status === 204 || status === 200 ? applied(item.recordId ?? '') : UNKNOWN;
  }
  const id = idIn(isJsonObject(body) ? textAt(body, 'id') : null);
  return id === null ? UNKNOWN : applied(id, { created: status === 201 });
}
