import type { Json } from '../../../kernel/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { isSame, settleByImage, type SameValue } from '../../kit/write-settle.ts';
import type { RecordImage, SessionWrites, Settled, WriteItem } from '../../writes.ts';
import { eventKey } from '../event-record.ts';
import { eventIfThere } from '../read-records.ts';
import { readImages } from './look-up.ts';
import { placeOf } from './send.ts';

type Question = Parameters<SessionWrites['settle']>[0];

/** What became of events whose answer was lost, by reading alone. */
export async function settle(
  context: SessionContext,
  { object, operation, items }: Question,
  before: ReadonlyMap<string, RecordImage>,
): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  for (const item of items) {
    if (operation === 'create') settled.push(await settleCreate(context, item));
    else if (operation === 'upsert') settled.push(unclear('Google Calendar finds no event by a value of its own.'));
    else {
      const [image] = await readImages(context, object, [item.recordId ?? ''], Object.keys(item.values));
      settled.push(
        image === undefined
          ? unclear('Google did not show the event.')
          : settleByImage(item, operation, image, before.get(item.key), sameInGoogle),
      );
    }
  }
  return settled;
}

/** The id was chosen by us: what has it was made by us, whoever cancelled it since. */
async function settleCreate(context: SessionContext, item: WriteItem): Promise<Settled> {
  const place = placeOf(item);
  if (place === null) return { kind: 'not_applied' };
  const entry = await eventIfThere(context, place.calendar, place.event);
  if (entry !== null) return { kind: 'applied', recordId: eventKey(place.calendar, place.event), created: true };
  // "Not found" is also what Google says of a calendar that it does not show any more.
  const { status } = await context.http({
    path: `/calendar/v3/calendars/${encodeURIComponent(place.calendar)}`,
    accept: (answered) => answered === 403 || answered === 404,
  });
  return status === 200
    ? { kind: 'not_applied' }
    : unclear('The calendar is not shown to the connected user any more.');
}

/** Google adds to what it is given: answers of guests, a zone, an address in lower case. */
export const sameInGoogle: SameValue = (field, meant, stands) => {
  if (field === 'attendees') return addresses(meant) === addresses(stands);
  return isSame(field, meant, stands);
};

const addresses = (value: Json): string =>
  (Array.isArray(value) ? (value as readonly Json[]) : [])
    .map((each) => (typeof each === 'object' && each !== null && 'email' in each ? each.email : each))
    .map((email) => (typeof email === 'string' ? email.toLowerCase() : ''))
    .toSorted()
    .join(' ');

const unclear = (why: string): Settled => ({ kind: 'unclear', why });
