import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

export interface SubscriptionPathParts extends Pick<PathParts, 'security' | 'body' | 'responses'> {
  readonly create: JsonObject;
  readonly replay: JsonObject;
}

/** The operators' addresses for subscriptions and the agents' one for events, as OpenAPI has them. */
export function subscriptionPaths(parts: SubscriptionPathParts): { readonly [path: string]: JsonObject } {
  const { security, body, responses } = parts;
  const tenant = { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } };
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer' } };
  const object = { type: 'object' };
  const ofTenant = { type: 'object', properties: { tenant: { type: 'string' } }, required: ['tenant'] };
  const act = (operationId: string, summary: string, schema: JsonObject): JsonObject => ({
    post: {
      operationId,
      summary,
      security,
      parameters: [id],
      requestBody: body(schema),
      responses: responses('200', 'Done.', object),
    },
  });
  return {
    '/v1/subscriptions': {
      post: {
        operationId: 'create_subscription',
        summary: "Send an object's events to an address, as far as an agent's grant shows them",
        security,
        requestBody: body(parts.create),
        responses: responses('201', 'The subscription, and its secret, which is told here only.', object),
      },
      get: {
        operationId: 'list_subscriptions',
        summary: 'The subscriptions of a tenant',
        security,
        parameters: [tenant],
        responses: responses('200', 'Each with its state.', object),
      },
    },
    '/v1/subscriptions/{id}': {
      get: {
        operationId: 'show_subscription',
        summary: 'One subscription',
        security,
        parameters: [id, tenant],
        responses: responses('200', 'With its state.', object),
      },
      delete: {
        operationId: 'delete_subscription',
        summary: 'End a subscription, with its deliveries',
        security,
        parameters: [id, tenant],
        responses: responses('200', 'Deleted.', object),
      },
    },
    '/v1/subscriptions/{id}/pause': act('pause_subscription', 'Stop delivering; changes wait', ofTenant),
    '/v1/subscriptions/{id}/resume': act('resume_subscription', 'Go on from where it stopped', ofTenant),
    '/v1/subscriptions/{id}/rotate-secret': act('rotate_subscription_secret', 'A new secret', ofTenant),
    '/v1/subscriptions/{id}/replay': act('replay_deliveries', 'Send deliveries again', parts.replay),
    '/v1/subscriptions/{id}/deliveries': {
      get: {
        operationId: 'list_deliveries',
        summary: 'What was sent and what was not, with every attempt',
        security,
        parameters: [id, tenant, text('state'), { name: 'limit', in: 'query', schema: { type: 'integer' } }],
        responses: responses('200', 'Newest first.', object),
      },
    },
    ...eventPaths(responses),
  };
}

function eventPaths(responses: PathParts['responses']): { readonly [path: string]: JsonObject } {
  return {
    '/v1/events': {
      get: {
        operationId: 'follow_events',
        summary: 'Events of an object as they happen (text/event-stream); Last-Event-ID or `after` says where to go on',
        parameters: [
          { ...text('object'), required: true },
          ...['filter', 'events', 'fields'].map(text),
          { name: 'after', in: 'query', schema: { type: 'integer' } },
        ],
        responses: responses('200', 'A stream of events.', { type: 'string' }),
      },
    },
    '/v1/events/{seq}': {
      get: {
        operationId: 'read_event',
        summary: 'One event, whole',
        parameters: [
          { name: 'seq', in: 'path', required: true, schema: { type: 'integer' } },
          { ...text('object'), required: true },
          ...['filter', 'events', 'fields'].map(text),
        ],
        responses: responses('200', 'The event.', { type: 'object' }),
      },
    },
  };
}

const text = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string' } });
