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

/** The body that is sent: beyond the bound, without the values, and with the address where the agent's key gets them. */
export function eventBody(payload: JsonObject, publicUrl: string, object: string, seq: number): string {
  const text = JSON.stringify(payload);
  if (Buffer.byteLength(text) <= limits.eventBytesMax) return text;
  const data = payload['data'] as JsonObject;
  const fetch = `${publicUrl}/v1/events/${String(seq)}?object=${encodeURIComponent(object)}`;
  const small = { _ref: data['_ref'] ?? null, sequence: seq, changed: data['changed'] ?? [] };
  return JSON.stringify({ ...payload, data: { ...small, before: null, after: null, too_large: true, fetch } });
}
