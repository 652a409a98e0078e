import { status, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { GantryError } from '../../../kernel/index.ts';
import { codeOf, diagnose, sentenceOf, type ErrorClass } from '../../kit/error-map.ts';

/** Why a call or a line ended, as far as it decides what to do. */
export type RpcFault =
  /** The token is not accepted: renewed once. */
  | { readonly kind: 'unauthenticated' }
  /** No events of this object for this user, whatever is tried. */
  | { readonly kind: 'no_topic' }
  | { readonly kind: 'replay_id_gone' }
  | { readonly kind: 'failed'; readonly class: ErrorClass };

/**
 * By the vendor's error code, which travels in the trailer `error-code`; where
 * there is none, by gRPC status. Pub/Sub API guide, "Handle Errors".
 */
const BY_CODE: Readonly<Record<string, RpcFault>> = {
  'service.auth.error': { kind: 'unauthenticated' },
  'service.auth.headers.invalid': { kind: 'unauthenticated' },
  'service.tenant.license': { kind: 'failed', class: 'forbidden' },
  'service.unavailable': { kind: 'failed', class: 'provider_5xx' },
  'service.protection.triggered': { kind: 'failed', class: 'rate_limited' },
  'service.protection.stream.limit.triggered': { kind: 'failed', class: 'rate_limited' },
  'concurrent.client.limit.exceeded': { kind: 'failed', class: 'rate_limited' },
  'topic.not.found': { kind: 'no_topic' },
  'topic.meta.permission': { kind: 'no_topic' },
  'subscription.topic.cannot.subscribe': { kind: 'no_topic' },
  'subscription.limit.exceeded': { kind: 'failed', class: 'quota_exhausted' },
  'subscription.fetch.replayid.corrupted': { kind: 'replay_id_gone' },
  'subscription.fetch.replayid.validation.failed': { kind: 'replay_id_gone' },
};

const BY_STATUS: Readonly<Partial<Record<status, RpcFault>>> = {
  [status.UNAUTHENTICATED]: { kind: 'unauthenticated' },
  [status.PERMISSION_DENIED]: { kind: 'no_topic' },
  [status.NOT_FOUND]: { kind: 'no_topic' },
  [status.RESOURCE_EXHAUSTED]: { kind: 'failed', class: 'rate_limited' },
  [status.INVALID_ARGUMENT]: { kind: 'failed', class: 'bad_request' },
  [status.DEADLINE_EXCEEDED]: { kind: 'failed', class: 'timeout' },
  [status.CANCELLED]: { kind: 'failed', class: 'timeout' },
  [status.UNAVAILABLE]: { kind: 'failed', class: 'network' },
};

const PREFIX = 'sfdc.platform.eventbus.grpc.';

/** Null: no error of gRPC. */
export function rpcFault(error: unknown): RpcFault | null {
  if (!isServiceError(error)) return null;
  const named = String(error.metadata.get('error-code')[0] ?? '');
  const code = named.startsWith(PREFIX) ? named.slice(PREFIX.length) : '';
  if (Object.hasOwn(BY_CODE, code)) return BY_CODE[code] ?? null;
  return BY_STATUS[error.code] ?? { kind: 'failed', class: 'provider_5xx' };
}

/** For those who asked, without a word of what came from upstream. */
export function rpcError(fault: RpcFault, where: string): GantryError {
  switch (fault.kind) {
    case 'unauthenticated':
      return errorOf('auth_invalidated', where);
    case 'no_topic':
      return new GantryError('upstream_object_missing', {
        message: 'Salesforce has no change events for these objects, or does not give them to the connected user.',
        where,
        fix: 'Select the objects under Setup, Change Data Capture, and give the connected user "View All" on them.',
      });
    case 'replay_id_gone':
      return new GantryError('cursor_expired', {
        message: 'Salesforce no longer knows the place in its change events; it keeps them for 72 hours.',
        where,
      });
    case 'failed':
      return errorOf(fault.class, where);
  }
}

function errorOf(of: ErrorClass, where: string): GantryError {
  const { userAction } = diagnose(of);
  return new GantryError(codeOf(of), {
    message: `Salesforce ${sentenceOf(of)}.`,
    where,
    fix: userAction,
    data: { class: of, user_action: userAction },
  });
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'number' &&
    'metadata' in error &&
    typeof (error.metadata as Metadata | undefined)?.get === 'function'
  );
}
