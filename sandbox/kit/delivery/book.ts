import { DELIVERY_STATES, nextDeliveryState, type DeliveryEvent, type DeliveryState } from './delivery-state.ts';
import type { Message, SendingRules } from './message.ts';
import type { Timers } from './timers.ts';

/** A message on its way. */
export interface Item {
  readonly id: number;
  readonly message: Message;
  readonly rules: SendingRules;
  /** How often the first attempt is repeated, byte by byte. */
  readonly copies: number;
  state: DeliveryState;
  attempt: number;
  /** Called when an attempt is over or there will be none. */
  tried: (() => void) | null;
}

/** All messages that have not ended, and the count of those that have. */
export interface Book {
  add(message: Message, rules: SendingRules, copies: number): Item;
  move(item: Item, event: DeliveryEvent): void;
  isOpen(item: Item): boolean;
  openOf(source: string): readonly Item[];
  openCount(): number;
  counts(): Readonly<Record<DeliveryState, number>>;
  /** Resolves when every message has ended, or after the time. */
  settled(withinMs: number, timers: Timers): Promise<void>;
  close(): void;
}

const ENDS: ReadonlySet<DeliveryState> = new Set(['delivered', 'failed', 'dropped']);

export function createBook(): Book {
  const open = new Set<Item>();
  const counts = new Map<DeliveryState, number>(DELIVERY_STATES.map((state) => [state, 0]));
  const waiters = new Set<() => void>();
  let made = 0;
  const count = (state: DeliveryState, by: number): void => {
    counts.set(state, (counts.get(state) ?? 0) + by);
  };
  const wakeAll = (): void => {
    for (const wake of waiters) wake();
  };
  return {
    add: (message, rules, copies) => {
      made += 1;
      const item: Item = { id: made, message, rules, copies, state: 'queued', attempt: 0, tried: null };
      count('queued', 1);
      open.add(item);
      return item;
    },
    move: (item, event) => {
      count(item.state, -1);
      item.state = nextDeliveryState(item.state, event);
      count(item.state, 1);
      if (!ENDS.has(item.state)) return;
      open.delete(item);
      if (open.size === 0) wakeAll();
    },
    isOpen: (item) => open.has(item),
    openOf: (source) => [...open].filter(({ message }) => message.source === source),
    openCount: () => open.size,
    counts: () => Object.fromEntries(counts) as Record<DeliveryState, number>,
    settled: (withinMs, timers) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiters.delete(done);
          resolve();
        };
        if (open.size === 0) {
          resolve();
          return;
        }
        waiters.add(done);
        timers.after(withinMs, done);
      }),
    close: wakeAll,
  };
}
