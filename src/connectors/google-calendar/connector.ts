import { readFileSync } from 'node:fs';
import { GantryError, suggest } from '../../kernel/index.ts';
import type { Connector, PageRequest, RecordPage } from '../contract.ts';
import { parseDeclaration } from '../kit/declaration.ts';
import { declaredConnector, type ConnectorDeps, type SessionContext } from '../kit/declared-connector.ts';
import { googleCalendarPermissions } from './access/permissions.ts';
import { identify } from './identity.ts';
import { readCalendars } from './read-calendars.ts';
import { PLACE_FIELDS, readEvents } from './read-events.ts';
import { grantsHash, readRecords } from './read-records.ts';
import { objects } from './schema.ts';
import { googleCalendarWebhooks } from './webhooks.ts';
import { googleCalendarWrites } from './writes/session.ts';

const WRITE_SCOPES = ['https://www.googleapis.com/auth/calendar.events'];

/** Google Calendar: sign-in, limits and errors are declared; calendars and events are read by sync tokens. */
export function googleCalendarConnector(deps: ConnectorDeps): Connector {
  const text = readFileSync(new URL('./connector.yaml', import.meta.url), 'utf8');
  const declaration = parseDeclaration(text, 'connectors/google-calendar/connector.yaml');
  const declared = declaredConnector(declaration, deps, (context) => ({
    identify: () => identify(context),
    listObjects: async () =>
      [...objects.values()].map(({ name, label, custom }) => ({ name, label, custom, replicable: true })),
    describeObject: async (name) => objects.get(name) ?? raise(unknownObject(name)),
    readPage: (request) => readPage(context, request),
    readRecords: (object, ids) => readRecords(context, object, ids),
    grantsHash: () => grantsHash(context),
    // Single calendars are not asked for: Google gives them in one list.
    placeFields: ({ name }) => (name === 'events' ? PLACE_FIELDS : null),
    permissions: googleCalendarPermissions(context),
    writes: googleCalendarWrites(context),
    // Google tells how many are in a page, never how many there are.
    countRecords: async () => null,
  }));
  return { ...declared, writeScopes: WRITE_SCOPES, events: { webhooks: googleCalendarWebhooks(declaration, deps) } };
}

async function readPage(context: SessionContext, request: PageRequest): Promise<RecordPage> {
  switch (request.object.name) {
    case 'calendars':
      return readCalendars(context, request);
    case 'events':
      return readEvents(context, request);
    default:
      throw unknownObject(request.object.name);
  }
}

function unknownObject(name: string): GantryError {
  return new GantryError('upstream_object_missing', {
    message: `Google Calendar has no object named "${name}".`,
    suggestions: suggest(name, objects.keys()),
    allowed: [...objects.keys()],
  });
}

function raise(error: GantryError): never {
  throw error;
}
