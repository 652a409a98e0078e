export { abortTogether } from './abort-together.ts';
export { childEntry } from './child-entry.ts';
export { systemClock, type Clock, type Random } from './clock.ts';
export { concurrently } from './concurrently.ts';
export { armCrashPoints, crashPoint, type CrashPlan } from './crash-point.ts';
export { GantryError, toGantryError, type ErrorBody, type ErrorDetails } from './errors/error.ts';
export type { ErrorSpec } from './errors/spec.ts';
export { errorTable, type ErrorCode } from './errors/table.ts';
export {
  connectionId,
  revisionId,
  streamId,
  tenantId,
  type ConnectionId,
  type RevisionId,
  type StreamId,
  type TenantId,
} from './ids.ts';
export { AddressRefused, guardedLookup } from './guarded-lookup.ts';
export { keepHeapSmall } from './keep-heap-small.ts';
export { canonicalJson, contentHash, isJsonObject, type Json, type JsonObject } from './json.ts';
export { limits } from './limits.ts';
export { systemRandom } from './random.ts';
export { isNestedBeyond } from './nested-beyond.ts';
export { numbered } from './numbered.ts';
export { outboundProxy, setOutboundProxy } from './outbound-proxy.ts';
export { startPolling, type Polling, type Round } from './polling.ts';
export { setTrustedOrigins } from './provider-agent.ts';
export { isAllowedAddress } from './public-address.ts';
export {
  bearerOf,
  bearerRefused,
  fromHere,
  fromOf,
  looksLikeToken,
  newRequestId,
  noteAddress,
  noteBearer,
  onBehalfOfHeader,
  plainChallenge,
  principalIn,
  type Challenge,
  type RequestFrom,
} from './request.ts';
export { send } from './send.ts';
export { takenUp } from './taken-up.ts';
export { suggest } from './suggest.ts';
export { withinTime, type Pause } from './time-limit.ts';
