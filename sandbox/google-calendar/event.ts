/** All-day events have days without a zone; others a moment and the zone that it was entered in. */
export type When =
  | { readonly kind: 'day'; /** `2026-03-02` */ readonly date: string }
  | { readonly kind: 'time'; readonly ms: number; readonly zone: string };

export interface Person {
  readonly email: string;
  readonly displayName?: string;
}

export interface Attendee extends Person {
  readonly responseStatus: 'needsAction' | 'declined' | 'tentative' | 'accepted';
  readonly optional?: boolean;
  readonly resource?: boolean;
}

/** An event as its organizer knows it; how a calendar shows it depends on the calendar and on who looks. */
export interface CalendarEvent {
  readonly id: string;
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  readonly organizer: Person;
  readonly creator: Person;
  readonly summary: string | null;
  readonly description: string | null;
  readonly location: string | null;
  readonly start: When;
  /** Exclusive. */
  readonly end: When;
  readonly attendees: readonly Attendee[];
  /** `RRULE:...` lines of the master of a series. */
  readonly recurrence: readonly string[] | null;
  /** Instances and exceptions of a series only. */
  readonly recurring: { readonly master: string; readonly originalStart: When } | null;
  readonly visibility: 'default' | 'public' | 'private';
  readonly transparent: boolean;
  readonly hangoutLink: string | null;
  /** Of events that came from elsewhere; null: made of the id. */
  readonly iCalUid: string | null;
  readonly privateProperties: Readonly<Record<string, string>>;
  readonly sharedProperties: Readonly<Record<string, string>>;
  /** Guests who deleted it from their calendars. */
  readonly leftBy: readonly string[];
  /** What is kept as it was given and means nothing here, such as `colorId`. */
  readonly extras: Readonly<Record<string, unknown>>;
  readonly sequence: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** Only what an event must have; everything else empty. */
export function plainEvent(
  given: Pick<CalendarEvent, 'id' | 'organizer' | 'start' | 'end' | 'createdMs' | 'updatedMs'>,
): CalendarEvent {
  return {
    status: 'confirmed',
    creator: given.organizer,
    summary: null,
    description: null,
    location: null,
    attendees: [],
    recurrence: null,
    recurring: null,
    visibility: 'default',
    transparent: false,
    hangoutLink: null,
    iCalUid: null,
    privateProperties: {},
    sharedProperties: {},
    leftBy: [],
    extras: {},
    sequence: 0,
    ...given,
  };
}

export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
