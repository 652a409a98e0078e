import type { FieldType, NativeField, NativeObject } from '../../schema/index.ts';

type Facts = FieldType | (Partial<NativeField> & { readonly type: FieldType });

/** `start_dateTime` as `Start date time`. */
function labelFrom(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function fields(declared: Readonly<Record<string, Facts>>): NativeField[] {
  return Object.entries(declared).map(([name, facts]) => {
    const known = typeof facts === 'string' ? { type: facts } : facts;
    return {
      name,
      label: labelFrom(name),
      nativeType: known.type,
      nullable: true,
      custom: false,
      writable: false,
      ...known,
    };
  });
}

const oneOf = (...values: readonly string[]): Facts => ({
  type: 'enum',
  values: values.map((value) => ({ value, label: labelFrom(value), active: true })),
});

/** Not said by Google in this form, but made from what it says in the same record. */
const derived = (type: FieldType, help: string): Facts => ({ type, nativeType: 'derived', help: `Derived: ${help}` });

/** Takes values; `required`: a new event is refused without it. */
const writable = (facts: Facts, required = false): Facts => ({
  ...(typeof facts === 'string' ? { type: facts } : facts),
  writable: true,
  ...(required ? { required } : {}),
});

const calendars: NativeObject = {
  name: 'calendars',
  label: 'Calendars',
  custom: false,
  idField: 'id',
  linkTemplate: 'https://calendar.google.com/calendar/embed?src={id}',
  fields: fields({
    id: { type: 'id', nullable: false },
    summary: 'string',
    summaryOverride: 'string',
    description: 'text',
    location: 'string',
    timeZone: 'string',
    accessRole: oneOf('freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'),
    primary: 'boolean',
    selected: 'boolean',
    hidden: 'boolean',
    dataOwner: 'string',
  }),
};

/**
 * Names are Google's; what is nested is joined with an underscore. An event
 * of a series is one record (`recurrence` says when), its changed instances
 * are records of their own: expanded, an endless series would have no last
 * record, and one change of it would touch all.
 */
const events: NativeObject = {
  name: 'events',
  label: 'Events',
  custom: false,
  idField: 'key',
  // Each event says its own address, in htmlLink; it cannot be made from the id.
  linkTemplate: null,
  fields: fields({
    key: { type: 'id', nullable: false, help: 'Calendar and event id: an event is in each of its people’s calendars.' },
    id: 'string',
    calendarId: writable({ type: 'reference', references: ['calendars'], nullable: false }, true),
    iCalUID: { type: 'string', help: 'The same for all copies of a meeting, and for all instances of a series.' },
    status: writable(oneOf('confirmed', 'tentative')),
    summary: writable('string'),
    description: writable('text'),
    location: writable('string'),
    start_dateTime: writable({ type: 'datetime', help: 'Empty for all-day events.' }),
    start_date: writable({ type: 'date', help: 'All-day events only.' }),
    start_timeZone: writable('string'),
    start_day: derived('date', 'the day on which it begins, in the time zone of the event, all-day or not.'),
    end_dateTime: writable({ type: 'datetime', help: 'Empty for all-day events.' }),
    end_date: writable({ type: 'date', help: 'All-day events only; the day after the last.' }),
    end_timeZone: writable('string'),
    allDay: derived('boolean', 'whether it has days instead of times.'),
    organizer_email: 'string',
    organizer_displayName: 'string',
    organizer_self: {
      type: 'boolean',
      help: 'This calendar is the organizer’s: the filter that leaves one copy of each own meeting.',
    },
    creator_email: 'string',
    attendees: writable('json'),
    attendees_email: derived('multi_enum', 'addresses of all attendees who are people, in lower case.'),
    attendees_external_email: derived(
      'string',
      'the first address among organizer and attendees that is not in the domain of the connected user.',
    ),
    attendees_external_domain: derived('string', 'the domain of attendees_external_email.'),
    attendeesOmitted: 'boolean',
    recurringEventId: { type: 'string', help: 'Id of the series that this changed instance belongs to.' },
    recurrence: writable('json'),
    originalStartTime_dateTime: 'datetime',
    originalStartTime_date: 'date',
    eventType: oneOf('default', 'birthday', 'focusTime', 'fromGmail', 'outOfOffice', 'workingLocation'),
    visibility: writable(oneOf('default', 'public', 'private', 'confidential')),
    transparency: writable(oneOf('opaque', 'transparent')),
    hangoutLink: 'string',
    conferenceData: 'json',
    extendedProperties_private: writable('json'),
    extendedProperties_shared: writable('json'),
    attachments: 'json',
    source: 'json',
    htmlLink: 'string',
    sequence: 'integer',
    created: 'datetime',
    updated: { type: 'datetime', help: 'Last change of the event’s main data; reminders do not count.' },
  }),
};

/** Google's objects are the same for everybody: nothing to ask. */
export const objects: ReadonlyMap<string, NativeObject> = new Map([calendars, events].map((each) => [each.name, each]));
