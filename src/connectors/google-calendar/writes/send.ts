import { isJsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { UpstreamRequest } from '../../kit/http-client.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, CHANGED, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { eventKey } from '../event-record.ts';
import { eventBody, eventIdOf } from './event-body.ts';
import { refusalIn } from './refusals.ts';

/** Calendar and event of a record's id; an event's own id has no slash (reference of Events, `id`). */
export function placeOf(
  item: Pick<WriteItem, 'recordId' | 'values' | 'key'>,
): { calendar: string; event: string } | null {
  if (item.recordId === null) {
    const calendar = item.values['calendarId'];
    return typeof calendar === 'string' && calendar !== '' ? { calendar, event: eventIdOf(item.key) } : null;
  }
  const slash = item.recordId.lastIndexOf('/');
  const [calendar, event] = [item.recordId.slice(0, slash), item.recordId.slice(slash + 1)];
  return slash < 1 || event === '' ? null : { calendar, event };
}

/** Source: reference of Events, insert, patch, delete. Nobody is mailed: that would be an effect that nobody asked for. */
export async function sendEvent(
  context: SessionContext,
  request: WriteRequest,
  item: WriteItem,
): Promise<WriteOutcome> {
  const place = placeOf(item);
  if (place === null) {
    return refusedBy(
      item.recordId === null ? refusal('value_missing', null, ['calendarId']) : refusal('record_missing'),
    );
  }
  const recordId = eventKey(place.calendar, place.event);
  const answer = await writeCall(context, callOf(request, item, place), request.beforeSend);
  if (answer.kind === 'unknown') return UNKNOWN;
  const { status, body } = answer;
  if (status === 412) return CHANGED;
  const creates = request.operation === 'create';
  // The id is ours alone: whoever has it got it from an earlier sending.
  if (creates && status === 409) return applied(recordId, { created: false, existed: true });
  if (status >= 400) return refusedBy(refusalIn(status, body));
  if (request.operation === 'delete') return status === 204 || status === 200 ? applied(recordId) : UNKNOWN;
  if (!isJsonObject(body) || textAt(body, 'id') !== place.event) return UNKNOWN;
  return applied(recordId, { created: creates });
}

function callOf(
  { operation }: WriteRequest,
  item: WriteItem,
  { calendar, event }: { readonly calendar: string; readonly event: string },
): UpstreamRequest {
  const events = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events`;
  const one = `${events}/${encodeURIComponent(event)}`;
  const query = { sendUpdates: 'none' };
  const json = { 'content-type': 'application/json' };
  const condition = item.ifVersion === null ? {} : { 'if-match': item.ifVersion };
  switch (operation) {
    case 'create':
      return {
        method: 'POST',
        path: events,
        query,
        headers: json,
        body: JSON.stringify({ ...eventBody(item), id: event }),
      };
    case 'update':
      return {
        method: 'PATCH',
        path: one,
        query,
        headers: { ...json, ...condition },
        body: JSON.stringify(eventBody(item)),
      };
    case 'delete':
      return { method: 'DELETE', path: one, query, headers: condition };
    case 'upsert':
      throw new Error('Google Calendar finds no event by a value of its own');
  }
}
