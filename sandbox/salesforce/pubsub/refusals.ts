import { Metadata, status } from '@grpc/grpc-js';

export interface Refusal {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Error codes of the developer guide, "Handle Errors", with the gRPC status that goes with each. */
const REFUSALS = {
  'service.auth.error': [status.UNAUTHENTICATED, 'An authentication exception occurred.'],
  'service.auth.headers.invalid': [status.UNAUTHENTICATED, 'The authentication header value is invalid or blank.'],
  'service.unavailable': [status.UNAVAILABLE, 'The Pub/Sub API service is unavailable.'],
  'topic.validation.empty': [status.INVALID_ARGUMENT, 'The topic name is blank.'],
  'topic.not.found': [status.NOT_FOUND, 'The topic does not exist.'],
  'topic.permission.denied': [status.PERMISSION_DENIED, 'You do not have access to the topic.'],
  'schema.validation.failed': [status.INVALID_ARGUMENT, 'The schema ID is blank or unknown.'],
  'subscription.limit.exceeded': [
    status.RESOURCE_EXHAUSTED,
    'You have exceeded the event delivery limit for your org.',
  ],
  'subscription.fetch.topic.mismatch': [status.INVALID_ARGUMENT, 'The topic name differs from the first request.'],
  'subscription.fetch.requested.events.invalid': [status.INVALID_ARGUMENT, 'Request at least one event.'],
  'subscription.fetch.replayid.validation.failed': [status.INVALID_ARGUMENT, 'CUSTOM needs a Replay ID.'],
  'subscription.fetch.replayid.corrupted': [status.INVALID_ARGUMENT, 'The Replay ID value is invalid.'],
} as const satisfies Readonly<Record<string, readonly [status, string]>>;

export type RefusalName = keyof typeof REFUSALS;

export const isRefusalName = (name: unknown): name is RefusalName =>
  typeof name === 'string' && Object.hasOwn(REFUSALS, name);

export function refusal(name: RefusalName): Refusal {
  const [code, text] = REFUSALS[name];
  const metadata = new Metadata();
  metadata.set('error-code', `sfdc.platform.eventbus.grpc.${name}`);
  metadata.set('rpc-id', 'sandbox');
  return { code, details: `${text} rpcId: sandbox`, metadata };
}
