import { describe, expect, it } from 'vitest';
import {
  DELIVERY_EVENTS,
  DELIVERY_STATES,
  nextDeliveryState,
  type DeliveryEvent,
  type DeliveryState,
} from '../../sandbox/kit/delivery/delivery-state.ts';
import { CIRCUIT_EVENTS, CIRCUIT_STATES, CIRCUIT_TABLE } from '../../sandbox/zendesk/webhooks/circuit.ts';

/** Every step that there is; all others are defects. */
const STEPS: Readonly<Record<string, DeliveryState>> = {
  'queued hold': 'held',
  'queued send': 'sending',
  'queued drop': 'dropped',
  'queued cancel': 'failed',
  'held release': 'queued',
  'held cancel': 'failed',
  'sending accept': 'delivered',
  'sending retry': 'waiting',
  'sending give_up': 'failed',
  'waiting release': 'queued',
  'waiting cancel': 'failed',
};

describe('a delivery', () => {
  const cells = DELIVERY_STATES.flatMap((state) => DELIVERY_EVENTS.map((event) => [state, event] as const));

  it.each(cells)('%s, %s', (state: DeliveryState, event: DeliveryEvent) => {
    const next = STEPS[`${state} ${event}`];
    if (next === undefined) expect(() => nextDeliveryState(state, event)).toThrow(/cannot/);
    else expect(nextDeliveryState(state, event)).toBe(next);
  });
});

describe("Zendesk's circuit", () => {
  const expected = {
    closed: { good: 'closed', bad: 'closed', too_many: 'open', pause_over: 'closed' },
    open: { good: 'open', bad: 'open', too_many: 'open', pause_over: 'probing' },
    probing: { good: 'closed', bad: 'open', too_many: 'open', pause_over: 'probing' },
  };

  it.each(CIRCUIT_STATES.flatMap((state) => CIRCUIT_EVENTS.map((event) => [state, event] as const)))(
    '%s, %s',
    (state, event) => {
      expect(CIRCUIT_TABLE[state][event]).toBe(expected[state][event]);
    },
  );
});
