import type { Hono } from 'hono';
import * as z from 'zod';
import {
  bearerOf,
  fromOf,
  GantryError,
  isJsonObject,
  limits,
  toGantryError,
  type Json,
  type JsonObject,
} from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { eventStream } from './event-stream.ts';
import { readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import type { EventWishRequest } from './subscription-ports.ts';

const name = z.string().min(1).max(200);
const whole = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const newSubscriptionBody = z.strictObject({
  tenant: name,
  /** Whose grant decides what is told. */
  agent: name,
  /** In whose name: then what the sources show that user decides, too. */
  principal: name.exactOptional(),
  object: name,
  filter: z.record(z.string(), z.json()).default({}),
  events: z.array(name).max(3).default([]),
  fields: z.array(name).min(1).max(500).exactOptional(),
  url: z.string().min(1).max(2_000),
  note: z.string().trim().min(1).max(limits.noteCharsMax).exactOptional(),
});

export const replayBody = z.strictObject({
  tenant: name,
  /** Sequence numbers; absent: all that are kept. */
  from: whole.default(0),
  to: whole.default(Number.MAX_SAFE_INTEGER),
  /** What was delivered as well, not dead ones only. */
  all: z.boolean().default(false),
});

const deliveriesQuery = z.strictObject({
  tenant: name,
  state: z.enum(['due', 'delivered', 'dead', 'withheld']).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const list = z
  .string()
  .max(20_000)
  .transform((text) => text.split(','));
const eventsQuery = z.strictObject({
  object: name,
  filter: z.string().max(20_000).exactOptional(),
  events: list.exactOptional(),
  fields: list.exactOptional(),
  after: whole.exactOptional(),
});

/** Subscriptions for operators, and the stream of events for agents. */
export function addSubscriptionRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  addOperatorRoutes(app, options);
  addEventRoutes(app, options);
}

function addOperatorRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { subscriptions, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.post('/v1/subscriptions', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const {
      fields = null,
      note = null,
      principal = null,
      ...body
    } = readBody(newSubscriptionBody, await readJson(context.req.raw));
    const made = await subscriptions.create(operator, { ...body, principal, fields, note });
    return jsonResponse(made, 201, context.get('requestId'));
  });

  app.get('/v1/subscriptions', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const rows = await subscriptions.list(operator, readBody(tenantQuery, context.req.query()));
    return jsonResponse({ subscriptions: rows }, 200, context.get('requestId'));
  });

  app.get('/v1/subscriptions/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const shown = await subscriptions.show(operator, { tenant, id: numberOf(context.req.param('id')) });
    return jsonResponse(shown, 200, context.get('requestId'));
  });

  for (const [path, act] of [
    ['pause', 'pause'],
    ['resume', 'resume'],
    ['rotate-secret', 'rotateSecret'],
  ] as const) {
    app.post(`/v1/subscriptions/:id/${path}`, async (context) => {
      const operator = await operatorOf(context.req.raw);
      const { tenant } = readBody(tenantQuery, await readJson(context.req.raw));
      const done = await subscriptions[act](operator, { tenant, id: numberOf(context.req.param('id')) });
      return jsonResponse(done, 200, context.get('requestId'));
    });
  }

  app.post('/v1/subscriptions/:id/replay', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(replayBody, await readJson(context.req.raw));
    const done = await subscriptions.replay(operator, { ...body, id: numberOf(context.req.param('id')) });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.get('/v1/subscriptions/:id/deliveries', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, state = null, limit } = readBody(deliveriesQuery, context.req.query());
    const id = numberOf(context.req.param('id'));
    const deliveries = await subscriptions.deliveries(operator, { tenant, id, state, limit });
    return jsonResponse({ deliveries }, 200, context.get('requestId'));
  });

  app.delete('/v1/subscriptions/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    await subscriptions.remove(operator, { tenant, id: numberOf(context.req.param('id')) });
    return jsonResponse({ deleted: true }, 200, context.get('requestId'));
  });
}

function addEventRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { events, authenticate } = options;
  const open = new Map<string, number>();

  app.get('/v1/events', async (context) => {
    const request = context.req.raw;
    await requireKey(request, authenticate, 'agent');
    const bearer = bearerOf(request) ?? '';
    const last = context.req.header('last-event-id');
    const query = readBody(eventsQuery, context.req.query());
    const after = last === undefined ? (query.after ?? null) : numberOf(last);
    const release = admit(open, bearer);
    const ended = new AbortController();
    const stop = (): void => {
      release();
      ended.abort(new Error('the stream ended'));
    };
    try {
      request.signal.addEventListener('abort', stop, { once: true });
      const items = await events.follow(bearer, { ...wishIn(query), after }, ended.signal, fromOf(request));
      return eventStream(items, {
        stop,
        onFailed: (cause) => {
          const { code, status } = toGantryError(cause);
          const requestId = context.get('requestId');
          options.onError?.({ requestId, method: 'GET', path: context.req.path, code, status, cause });
        },
      });
    } catch (error) {
      stop();
      throw error;
    }
  });

  app.get('/v1/events/:seq', async (context) => {
    const request = context.req.raw;
    await requireKey(request, authenticate, 'agent');
    const { after: _, ...query } = readBody(eventsQuery, context.req.query());
    const seq = numberOf(context.req.param('seq'));
    const event = await events.read(bearerOf(request) ?? '', { ...wishIn(query), seq }, fromOf(request));
    return jsonResponse(event, 200, context.get('requestId'));
  });
}

/** Counts a stream until the returned function is called. Raises `rate_limited`. */
function admit(open: Map<string, number>, bearer: string): () => void {
  const own = open.get(bearer) ?? 0;
  const all = [...open.values()].reduce((sum, count) => sum + count, 0);
  if (own >= limits.eventStreamsPerKeyMax || all >= limits.eventStreamsMax) {
    throw new GantryError('rate_limited', { message: 'Too many event streams are open; close one first.' });
  }
  open.set(bearer, own + 1);
  let released = false;
  return () => {
    if (released) return;
    released = true;
    const left = (open.get(bearer) ?? 1) - 1;
    if (left > 0) open.set(bearer, left);
    else open.delete(bearer);
  };
}

function wishIn(query: Omit<z.output<typeof eventsQuery>, 'after'>): EventWishRequest {
  const { object, filter, events = [], fields = null } = query;
  return { object, filter: filter === undefined ? {} : filterIn(filter), events, fields };
}

function filterIn(text: string): JsonObject {
  try {
    const json = JSON.parse(text) as Json;
    if (isJsonObject(json)) return json;
  } catch {
    // Said below, as of JSON that is no object.
  }
  throw new GantryError('bad_request', { message: 'The filter is not a JSON object.', where: 'filter' });
}

function numberOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new GantryError('not_found', { message: 'That is not the number of anything here.' });
}
