import type { Effect, SandboxResponse } from '../../kit/index.ts';
import type { CalendarEvent } from '../event.ts';
import type { Call } from './context.ts';
import { invalidParameter } from './errors.ts';

export type SendUpdates = 'all' | 'externalOnly' | 'none';

/** Who is told by mail (reference, Events, `sendUpdates`, with `sendNotifications` before it); nobody by default. */
export function sendUpdatesOf({ request }: Call): SendUpdates | SandboxResponse {
  const given = request.query.get('sendUpdates');
  if (given === null) return request.query.get('sendNotifications') === 'true' ? 'all' : 'none';
  if (given === 'all' || given === 'externalOnly' || given === 'none') return given;
  return invalidParameter('sendUpdates', `Invalid string value: '${given}'. Allowed values: [all, externalonly, none]`);
}

/** Mails about a change, as effects: to every guest, also to those who are no longer, but to nobody about the own doing. */
export function mailsAbout(
  { account, user }: Call,
  kind: 'invitation' | 'update' | 'cancellation',
  versions: readonly CalendarEvent[],
  to: SendUpdates,
): readonly Effect[] {
  if (to === 'none') return [];
  const own = account.people.at(user).email;
  const [event] = versions;
  const organizer = event?.organizer.email;
  const guests = new Set(versions.flatMap(({ attendees }) => attendees.map(({ email }) => email)));
  const external = (email: string): boolean => !email.endsWith(`@${account.world.company.domain}`);
  return [...guests]
    .filter((email) => email !== own && email !== organizer && (to === 'all' || external(email)))
    .map((email) => ({ op: 'send', object: 'mails', id: email, fields: { kind, event: event?.id ?? '' } }) as const);
}
