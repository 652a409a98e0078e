import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import { GantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import type { LettersToReplay } from './sync-ports.ts';
import {
  dropEventsBody,
  dropLetterQuery,
  ofConnectionQuery,
  ofObjectQuery,
  replayEventsBody,
  replayLettersBody,
} from './sync-requests.ts';

/** What could not be read and was set aside: records and pages (dead letters), and events that providers told. */
export function addDeadRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { authenticateOperator } = options;
  const { letters, deadEvents } = options.sync;
  const operatorOf = ({ req }: Context<ApiEnv>) => requireKey(req.raw, authenticateOperator, 'operator');

  app.get('/v1/dead-letters', async (context) => {
    const operator = await operatorOf(context);
    const { connection = null, object = null, ...rest } = readBody(ofObjectQuery, context.req.query());
    const list = await letters.list(operator, { ...rest, connection, object });
    return jsonResponse({ dead_letters: list }, 200, context.get('requestId'));
  });

  app.get('/v1/dead-letters/:letter', async (context) => {
    const operator = await operatorOf(context);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const shown = await letters.show(operator, { tenant, letter: letterIn(context.req.param('letter')) });
    return jsonResponse(shown, 200, context.get('requestId'));
  });

  app.post('/v1/dead-letters/replay', async (context) => {
    const operator = await operatorOf(context);
    const body = readBody(replayLettersBody, await readJson(context.req.raw));
    const replayed = await letters.replay(operator, lettersIn(body));
    return jsonResponse(replayed, 200, context.get('requestId'));
  });

  app.delete('/v1/dead-letters/:letter', async (context) => {
    const operator = await operatorOf(context);
    const { by = null, ...rest } = readBody(dropLetterQuery, context.req.query());
    const dropped = await letters.drop(operator, { ...rest, by, letter: letterIn(context.req.param('letter')) });
    return jsonResponse(dropped, 200, context.get('requestId'));
  });

  app.get('/v1/dead-events', async (context) => {
    const operator = await operatorOf(context);
    const { connection = null, ...rest } = readBody(ofConnectionQuery, context.req.query());
    const events = await deadEvents.list(operator, { ...rest, connection });
    return jsonResponse({ dead_events: events }, 200, context.get('requestId'));
  });

  app.post('/v1/dead-events/replay', async (context) => {
    const operator = await operatorOf(context);
    const {
      event = null,
      note = null,
      by = null,
      ...place
    } = readBody(replayEventsBody, await readJson(context.req.raw));
    const done = await deadEvents.replay(operator, { ...place, event, note, by });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.post('/v1/dead-events/drop', async (context) => {
    const operator = await operatorOf(context);
    const { event = null, by = null, ...rest } = readBody(dropEventsBody, await readJson(context.req.raw));
    const done = await deadEvents.drop(operator, { ...rest, event, by });
    return jsonResponse(done, 200, context.get('requestId'));
  });
}

/** Anything but a number names no letter, whoever asks. */
function letterIn(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new GantryError('not_found', { message: 'Dead letters are named by numbers.', where: 'letter' });
}

function lettersIn(body: z.output<typeof replayLettersBody>): LettersToReplay {
  const { tenant, letter, connection, object = null, note = null, by = null } = body;
  const said = { tenant, note, by };
  if (letter !== undefined && connection === undefined && object === null) return { ...said, letter };
  if (letter === undefined && connection !== undefined) return { ...said, connection, object };
  throw new GantryError('bad_request', {
    message: 'Name either one letter, or a connection of which all are tried again.',
    where: letter === undefined ? 'connection' : 'letter',
  });
}
