import { limits, type JsonObject } from '../kernel/index.ts';
import type { ViewedEvent } from './view-change.ts';

/** A viewed event as subscribers get it: `deal.updated` and its data. */
export function eventPayload(
  event: ViewedEvent,
  of: { readonly object: string; readonly seq: number; readonly at: Date },
): JsonObject {
  const { before, after, changed, ref, type } = event;
  return {
    type: `${of.object}.${type}`,
    timestamp: of.at.toISOString(),
    data: { _ref: ref, sequence: of.seq, changed: [...changed], before, after },
  };
}

/**
 * The event and its text: beyond the bound, without the values, and with the
 * address where the agent's key gets them. `publicUrl`: ours, no trailing slash.
 */
export function boundEvent(
  payload: JsonObject,
  at: { readonly publicUrl: string; readonly object: string; readonly seq: number },
): { readonly payload: JsonObject; readonly text: string } {
  const whole = JSON.stringify(payload);
  if (Buffer.byteLength(whole) <= limits.eventBytesMax) return { payload, text: whole };
  const data = payload['data'] as JsonObject;
  const fetch = `${at.publicUrl}/v1/events/${String(at.seq)}?object=${encodeURIComponent(at.object)}`;
  const small = { _ref: data['_ref'] ?? null, sequence: at.seq, changed: data['changed'] ?? [] };
  const told = { ...payload, data: { ...small, before: null, after: null, too_large: true, fetch } };
  return { payload: told, text: JSON.stringify(told) };
}
