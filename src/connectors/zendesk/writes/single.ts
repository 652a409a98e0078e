import type { JsonObject } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { UpstreamRequest } from '../../kit/http-client.ts';
import { writeCall, type WriteAnswer } from '../../kit/write-call.ts';
import { applied, CHANGED, refusedBy, sendEach, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { bodyOf, externalIdOf } from './body.ts';
import { findBy } from './find.ts';
import { refusalOf } from './refusals.ts';
import { isWritten, KEY_FIELD, WRITTEN } from './ways.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** One call for each record. */
export function sendSingle(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  return sendEach(request.items, async (item) => {
    const answer = await writeCall(context, callOf(request, item), request.beforeSend);
    return answer.kind === 'unknown' ? UNKNOWN : outcomeOf(context, request, item, answer);
  });
}

function callOf({ object, operation }: WriteRequest, item: WriteItem): UpstreamRequest {
  if (!isWritten(object.name)) throw new Error(`${object.name} is not written`);
  const { one, many } = WRITTEN[object.name];
  const record = (more: JsonObject = {}): string =>
    JSON.stringify({ [one]: { ...bodyOf(object, operation, item), ...more } });
  const path = `/api/v2/${many}/${encodeURIComponent(item.recordId ?? '')}.json`;
  switch (operation) {
    case 'create': {
      // "Idempotency" of the Ticketing API: of tickets only, for two hours.
      const key: Record<string, string> = object.name === 'tickets' ? { 'idempotency-key': item.key } : {};
      return { method: 'POST', path: `/api/v2/${many}.json`, headers: { ...JSON_TYPE, ...key }, body: record() };
    }
    case 'upsert':
      return { method: 'POST', path: `/api/v2/${many}/create_or_update.json`, headers: JSON_TYPE, body: record() };
    case 'update':
      return { method: 'PUT', path, headers: JSON_TYPE, body: record(safely(object, item)) };
    case 'delete':
      return { method: 'DELETE', path };
  }
}

/** "Protecting against ticket update collisions": Zendesk writes its stamps without fractions. */
function safely({ name }: NativeObject, { ifVersion }: WriteItem): JsonObject {
  if (name !== 'tickets' || ifVersion === null) return {};
  return { updated_stamp: ifVersion.replace(/\.000Z$/, 'Z'), safe_update: true };
}

async function outcomeOf(
  context: SessionContext,
  { object, operation }: WriteRequest,
  item: WriteItem,
  { status, body, headers }: Extract<WriteAnswer, { kind: 'answered' }>,
): Promise<WriteOutcome> {
  if (status === 409 && item.ifVersion !== null && textAt(body, 'error') !== 'DatabaseConflict') return CHANGED;
  if (status >= 400) {
    const known = refusalOf(status, body);
    const isOurs = operation === 'create' && known.code === 'duplicate' && object.name !== 'tickets';
    return (isOurs ? await madeBefore(context, object, item) : null) ?? refusedBy(known);
  }
  // Only the provider's own answer says that it is done: a proxy's page says so, too.
  const recordId = isWritten(object.name) ? textAt(body, `${WRITTEN[object.name].one}.id`) : null;
  if (operation === 'delete' && status === 204) return applied(item.recordId ?? '');
  if (recordId === null || (item.recordId !== null && recordId !== item.recordId)) return UNKNOWN;
  if (item.recordId !== null) return applied(recordId);
  if (operation === 'upsert') return applied(recordId, { created: status === 201 });
  return applied(recordId, { created: true, existed: headers.get('x-idempotency-lookup') === 'hit' });
}

/**
 * A record that bears our key was made by an earlier sending; null: there is
 * none, so the refusal is about somebody else's. Nobody knows where it cannot be
 * asked; raised would it say of others in the same job that they were not sent.
 */
export async function madeBefore(
  context: SessionContext,
  object: NativeObject,
  item: WriteItem,
): Promise<WriteOutcome | null> {
  if (externalIdOf(item) !== item.key) return null;
  const found = await findBy(context, object, KEY_FIELD, [item.key]).catch(() => null);
  if (found === null) return UNKNOWN;
  const [id] = found.get(item.key) ?? [];
  return id === undefined ? null : applied(id, { created: true, existed: true });
}
