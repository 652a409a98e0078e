import { createBook, type Book, type Item } from './book.ts';
import { createDeliveryFaults, type DeliveryFault, type DeliveryFaults } from './delivery-faults.ts';
import type { DeliveryState } from './delivery-state.ts';
import { disordered } from './disordered.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { isSuccess, type DeliveryNote, type Message, type OutgoingRequest, type SendingRules } from './message.ts';
import { createPoster, type Poster } from './post.ts';
import { createTimers, type Timers } from './timers.ts';

export interface DeliverySettings {
  /** Waits between attempts, delays and holds are divided by it. */
  readonly speed: number;
  /** Attempts of one source at a time. */
  readonly concurrency: number;
  /** Replaces the provider's own unless null. */
  readonly timeoutMs: number | null;
}

export interface DeliverySummary {
  readonly paused: boolean;
  readonly settings: DeliverySettings;
  /** Messages by where they stand; ended ones are counted, too. */
  readonly states: Readonly<Record<DeliveryState, number>>;
  readonly attempts: number;
  /** Messages that have not ended. */
  readonly open: number;
}

export interface SentNote extends DeliveryNote {
  readonly to: string;
  readonly durationMs: number;
}

/** What a provider sends to receivers outside: in the background, with the faults that the control API asked for. */
export interface Deliveries {
  readonly faults: DeliveryFaults;
  send(message: Message, rules: SendingRules): void;
  /** Ends what has not left yet, and repeats nothing any more: the webhook or channel is gone. */
  cancel(source: string): void;
  /** Keeps everything back that has not left; resuming lets it go in its order. */
  pause(paused: boolean): void;
  /** Ends delays, and sends batches that wait for more messages. */
  flush(): void;
  /** Sends the bytes of an earlier attempt once more; false if they are no longer kept. */
  replay(delivery: number): boolean;
  change(settings: Partial<DeliverySettings>): DeliverySettings;
  summary(): DeliverySummary;
  /** Resolves when every message has ended, or after the time. */
  settled(withinMs: number): Promise<void>;
  /** Who hears of every attempt. */
  observe(listener: (note: SentNote) => void): void;
  close(): void;
}

/** Requests that can be sent again. */
const KEPT_REQUESTS = 1_000;

interface Parts {
  readonly book: Book;
  readonly lanes: Lanes;
  readonly timers: Timers;
  readonly poster: Poster;
  readonly kept: Map<number, { readonly item: Item; readonly request: OutgoingRequest }>;
  readonly delayed: Set<Item>;
  readonly batches: Map<string, readonly Item[]>;
  readonly cancelled: Set<string>;
  settings: DeliverySettings;
  listener: (note: SentNote) => void;
  attempts: number;
  closed: boolean;
}

export function createDeliveries(poster: Poster = createPoster()): Deliveries {
  const faults = createDeliveryFaults();
  const parts = partsOf(poster);
  const { book, lanes, timers, kept } = parts;
  return {
    faults,
    send: (message, rules) => {
      if (parts.closed) return;
      // Ids of channels are their owners' choice, and may come back.
      parts.cancelled.delete(message.source);
      const met = faults.take(message.source);
      const copies = met.reduce((sum, fault) => sum + (fault.kind === 'duplicate' ? fault.copies : 0), 0);
      befall(parts, book.add(message, rules, copies), met);
    },
    cancel: (source) => {
      parts.cancelled.add(source);
      lanes.drop(source);
      for (const item of book.openOf(source)) {
        if (item.state === 'sending') continue;
        book.move(item, 'cancel');
        item.tried?.();
      }
    },
    pause: lanes.pause,
    flush: () => {
      const waiting = [...parts.batches.values()];
      parts.batches.clear();
      for (const item of parts.delayed) release(parts, item);
      for (const batch of waiting) void inTurn(parts, disordered(batch, batch.length));
    },
    replay: (delivery) => {
      const found = kept.get(delivery);
      if (found !== undefined) void repeat(parts, found.item, found.request, 'replayed');
      return found !== undefined;
    },
    change: (given) => {
      parts.settings = { ...parts.settings, ...given };
      lanes.pump();
      return parts.settings;
    },
    summary: () => ({
      paused: lanes.isPaused(),
      settings: parts.settings,
      states: book.counts(),
      attempts: parts.attempts,
      open: book.openCount(),
    }),
    settled: (withinMs) => book.settled(withinMs, timers),
    observe: (listener) => {
      parts.listener = listener;
    },
    close: () => {
      parts.closed = true;
      timers.clear();
      poster.close();
      book.close();
    },
  };
}

function partsOf(poster: Poster): Parts {
  const timers = createTimers();
  const lanes = createLanes({
    timers,
    concurrency: () => (parts.closed ? 0 : parts.settings.concurrency),
    real: (ms) => ms / parts.settings.speed,
    attempt: (item) => attempt(parts, item),
  });
  const parts: Parts = {
    book: createBook(),
    lanes,
    timers,
    poster,
    kept: new Map(),
    delayed: new Set(),
    batches: new Map(),
    cancelled: new Set(),
    settings: { speed: 1, concurrency: 32, timeoutMs: null },
    listener: () => undefined,
    attempts: 0,
    closed: false,
  };
  return parts;
}

async function attempt(parts: Parts, item: Item): Promise<void> {
  const { rules, message } = item;
  parts.book.move(item, 'send');
  item.attempt += 1;
  const request = message.request();
  keep(parts, item, request);
  const { outcome, durationMs } = await post(parts, item, request);
  if (parts.closed) return;
  rules.ended?.(message.source, outcome);
  for (let copy = 0; item.attempt === 1 && copy < item.copies; copy += 1) await repeat(parts, item, request, 'copy');
  const accepted = rules.accepts?.(outcome) ?? isSuccess(outcome);
  const over = accepted || parts.cancelled.has(message.source);
  const waitMs = over ? null : rules.retryInMs(item.attempt, outcome);
  parts.book.move(item, accepted ? 'accept' : waitMs === null ? 'give_up' : 'retry');
  note(parts, item, { fault: null, outcome, durationMs });
  item.tried?.();
  if (waitMs !== null) parts.timers.after(waitMs / parts.settings.speed, () => release(parts, item));
}

async function post(parts: Parts, item: Item, request: OutgoingRequest) {
  const started = performance.now();
  const timeoutMs = parts.settings.timeoutMs ?? item.rules.timeoutMs;
  const outcome = await parts.poster.post(item.message.to, request, timeoutMs);
  parts.attempts += 1;
  return { outcome, durationMs: Math.round((performance.now() - started) * 10) / 10 };
}

/** The same bytes once more; whatever comes back changes nothing. */
async function repeat(parts: Parts, item: Item, request: OutgoingRequest, fault: 'copy' | 'replayed'): Promise<void> {
  const sent = await post(parts, item, request);
  if (!parts.closed) note(parts, item, { fault, ...sent });
}

type Noted = Pick<SentNote, 'fault' | 'outcome' | 'durationMs'>;

function note({ listener }: Parts, { id, message, attempt: count, state }: Item, noted: Noted): void {
  const { source, about, to } = message;
  listener({ delivery: id, source, attempt: count, about, state, to, ...noted });
}

function keep({ kept }: Parts, item: Item, request: OutgoingRequest): void {
  kept.delete(item.id);
  kept.set(item.id, { item, request });
  const oldest = kept.keys().next();
  if (kept.size > KEPT_REQUESTS && oldest.done !== true) kept.delete(oldest.value);
}

/** Back into its lane, unless it ended or left meanwhile. */
function release(parts: Parts, item: Item): void {
  parts.delayed.delete(item);
  if (!parts.book.isOpen(item) || (item.state !== 'held' && item.state !== 'waiting')) return;
  parts.book.move(item, 'release');
  parts.lanes.enqueue(item);
}

function befall(parts: Parts, item: Item, met: readonly DeliveryFault[]): void {
  if (met.some(({ kind }) => kind === 'drop')) {
    parts.book.move(item, 'drop');
    note(parts, item, { fault: 'dropped', outcome: null, durationMs: 0 });
    return;
  }
  const reorder = met.find((fault) => fault.kind === 'reorder');
  const delay = met.find((fault) => fault.kind === 'delay');
  if (reorder === undefined && delay === undefined) {
    parts.lanes.enqueue(item);
    return;
  }
  parts.book.move(item, 'hold');
  if (reorder !== undefined) collect(parts, item, reorder);
  else if (delay !== undefined) {
    parts.delayed.add(item);
    parts.timers.after(delay.ms / parts.settings.speed, () => release(parts, item));
  }
}

function collect(parts: Parts, item: Item, { size, seed }: { readonly size: number; readonly seed: number }): void {
  const key = `${item.message.source} ${size} ${seed}`;
  const batch = [...(parts.batches.get(key) ?? []), item];
  parts.batches.set(key, batch);
  if (batch.length < size) return;
  parts.batches.delete(key);
  void inTurn(parts, disordered(batch, seed));
}

/** Each only when the one before it was tried, so that they arrive in this order. */
async function inTurn(parts: Parts, items: readonly Item[]): Promise<void> {
  for (const item of items) {
    if (!parts.book.isOpen(item)) continue;
    const tried = new Promise<void>((resolve) => {
      item.tried = resolve;
    });
    release(parts, item);
    await tried;
  }
}
