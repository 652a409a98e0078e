import type { ServerErrorResponse } from '@grpc/grpc-js';
import type { EventBus, Topic } from './event-bus.ts';
import type { Receiver } from './receiver.ts';
import { refusal, type Refusal, type RefusalName } from './refusals.ts';
import type { EventReader, PlacedEvent } from './replay-log.ts';
import type { FetchRequest, FetchResponse, SubscribeCall } from './service.ts';

export interface LineSettings {
  /** Between two answers without events. */
  keepaliveMs: number;
  /** How long a line without requested events stays open. */
  idleMs: number;
  /** Nothing is sent on any line, and nobody is told. */
  silent: boolean;
}

export interface Line {
  /** There may be something to send. */
  wake(): void;
  cut(reason: Refusal): void;
}

export interface LineParts {
  readonly bus: EventBus;
  readonly settings: LineSettings;
  /** Null while the caller's session is good. */
  readonly refused: () => Refusal | null;
  /** What the caller is allowed to receive now. */
  readonly receiver: () => Receiver;
  readonly onFetch: (requested: number) => void;
  readonly onSent: (events: number) => void;
}

/** Reference of the Subscribe method: the most events that one request asks for. */
const REQUEST_MAX = 100;
/** Events of one answer. */
const BATCH_MAX = 40;

/** One Subscribe call: sends no more events than were asked for, and something within each keepalive. */
export function serveLine(call: SubscribeCall, parts: LineParts): Line {
  const { bus, settings } = parts;
  let topic: { readonly name: string; readonly topic: Topic } | null = null;
  let place = 0;
  let pending = 0;
  let open = true;
  let timer: NodeJS.Timeout | null = null;
  let idle: NodeJS.Timeout | null = null;

  const close = (): void => {
    open = false;
    if (timer !== null) clearTimeout(timer);
    if (idle !== null) clearTimeout(idle);
  };
  const cut = (reason: Refusal): void => {
    if (!open) return;
    close();
    call.emit('error', reason satisfies Partial<ServerErrorResponse>);
  };
  const answer = (events: readonly PlacedEvent[], latest: Buffer): void => {
    pending -= events.length;
    call.write(responseOf(events, latest, pending));
    parts.onSent(events.length);
    if (idle !== null) clearTimeout(idle);
    if (pending === 0) idle = setTimeout(end, settings.idleMs).unref();
    tick();
  };
  const end = (): void => {
    if (!open) return;
    close();
    call.end();
  };
  const keepalive = (): void => {
    if (!open) return;
    // Events that nobody asked for yet stay before the next place.
    if (settings.silent || pending === 0) return tick();
    const refused = parts.refused();
    if (refused !== null) return cut(refused);
    const latest = bus.log.tip();
    place = bus.log.end();
    answer([], latest);
  };
  const tick = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(keepalive, settings.keepaliveMs).unref();
  };
  const send = (): void => {
    while (open && !settings.silent && topic !== null && pending > 0) {
      const batch = bus.log.after(place, readerOf(topic.topic, parts.receiver()), Math.min(pending, BATCH_MAX));
      const last = batch.at(-1);
      if (last === undefined) {
        // What was not for the caller when it came is not for the caller later, whatever rights come then.
        place = bus.log.end();
        return;
      }
      const refused = parts.refused();
      if (refused !== null) return cut(refused);
      place = last.place;
      answer(batch, last.event.replayId);
    }
  };

  const begin = (request: FetchRequest): Refusal | null => {
    const start = startOf(bus, request, parts.receiver());
    if (start.kind === 'refused') return start.refusal;
    ({ place } = start);
    topic = { name: request.topicName, topic: start.topic };
    return null;
  };

  call.on('data', (request: FetchRequest) => {
    parts.onFetch(request.numRequested);
    const wrong = parts.refused() ?? (topic === null ? begin(request) : null) ?? wrongIn(request, topic?.name ?? '');
    if (wrong !== null) return cut(wrong);
    pending += Math.min(request.numRequested, REQUEST_MAX);
    if (idle !== null) clearTimeout(idle);
    if (timer === null) tick();
    send();
  });
  call.on('end', end);
  call.on('cancelled', close);
  call.on('close', close);
  return { wake: send, cut };
}

function responseOf(events: readonly PlacedEvent[], latest: Buffer, pending: number): FetchResponse {
  const all = events.map(({ event }) => event);
  return { events: all, latestReplayId: latest, rpcId: 'sandbox', pendingNumRequested: pending };
}

function wrongIn({ topicName, numRequested }: FetchRequest, topic: string): Refusal | null {
  if (topicName !== '' && topicName !== topic) return refusal('subscription.fetch.topic.mismatch');
  return numRequested > 0 ? null : refusal('subscription.fetch.requested.events.invalid');
}

/** On channels of several objects each event counts by itself. */
function readerOf({ matches }: Topic, { mayReceive, hides }: Receiver): EventReader {
  return { matches: (entity) => matches(entity) && mayReceive(entity), hides };
}

type Start =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'at'; readonly topic: Topic; readonly place: number };

/** What the first request of a call asks for. */
function startOf(
  { topic, log }: EventBus,
  { topicName, replayPreset, replayId }: FetchRequest,
  { mayReceive }: Receiver,
): Start {
  const refused = (name: RefusalName): Start => ({ kind: 'refused', refusal: refusal(name) });
  if (topicName === '') return refused('topic.validation.empty');
  const found = topic(topicName);
  if (found === null) return refused('topic.not.found');
  if (found.entity !== null && !mayReceive(found.entity)) return refused('topic.permission.denied');
  if (replayPreset === 'EARLIEST') return { kind: 'at', topic: found, place: log.start() };
  if (replayPreset !== 'CUSTOM') return { kind: 'at', topic: found, place: log.end() };
  if (replayId.length === 0) return refused('subscription.fetch.replayid.validation.failed');
  const named = log.place(replayId);
  return named === null ? refused('subscription.fetch.replayid.corrupted') : { kind: 'at', topic: found, place: named };
}
