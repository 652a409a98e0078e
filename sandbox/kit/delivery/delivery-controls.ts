import { ControlError } from '../provider.ts';
import type { Deliveries, DeliverySettings } from './deliveries.ts';
import { deliveryFaultRule } from './delivery-faults.ts';

type Fields = Readonly<Record<string, unknown>>;

const SETTLE_MS_MAX = 600_000;

/** Control calls about what is sent to receivers, by their name after the method; each gets the JSON body. */
export const DELIVERY_CONTROLS: Readonly<Record<string, (deliveries: Deliveries, body: unknown) => unknown>> = {
  'GET webhooks': (deliveries) => deliveries.summary(),
  'POST webhooks/faults': ({ faults }, body) => ({
    live: faults.add((Array.isArray(body) ? body : [body]).map((rule) => deliveryFaultRule(fields(rule)))),
  }),
  'DELETE webhooks/faults': ({ faults }) => {
    faults.clear();
    return { live: 0 };
  },
  'POST webhooks/pause': (deliveries) => {
    deliveries.pause(true);
    return deliveries.summary();
  },
  'POST webhooks/resume': (deliveries) => {
    deliveries.pause(false);
    return deliveries.summary();
  },
  'POST webhooks/flush': (deliveries) => {
    deliveries.flush();
    return deliveries.summary();
  },
  'POST webhooks/settle': async (deliveries, body) => {
    const ms = fields(body)['ms'] ?? 30_000;
    if (typeof ms !== 'number' || ms < 0 || ms > SETTLE_MS_MAX)
      throw new ControlError(`settle wants {ms: number from 0 to ${SETTLE_MS_MAX}}`);
    await deliveries.settled(ms);
    return deliveries.summary();
  },
  'POST webhooks/settings': (deliveries, body) => deliveries.change(settingsOf(fields(body))),
  'POST webhooks/replay': (deliveries, body) => {
    const { delivery } = fields(body);
    if (typeof delivery !== 'number' || !deliveries.replay(delivery))
      throw new ControlError('replay wants {delivery: number of a delivery among the last 1,000 that were sent}');
    return { delivery };
  },
};

const BOUNDS: Readonly<Record<keyof DeliverySettings, readonly [min: number, max: number]>> = {
  speed: [0.01, 100_000],
  concurrency: [1, 64],
  timeoutMs: [1, 600_000],
};

function settingsOf(input: Fields): Partial<DeliverySettings> {
  const settings: { -readonly [Name in keyof DeliverySettings]?: DeliverySettings[Name] } = {};
  for (const [name, value] of Object.entries(input)) {
    if (name !== 'speed' && name !== 'concurrency' && name !== 'timeoutMs')
      throw new ControlError(`unknown setting ${name}; known: ${Object.keys(BOUNDS).join(', ')}`);
    const [min, max] = BOUNDS[name];
    if (name === 'timeoutMs' && value === null) settings.timeoutMs = null;
    else if (typeof value !== 'number' || !(value >= min && value <= max))
      throw new ControlError(`${name} must be a number from ${min} to ${max}`);
    else settings[name] = value;
  }
  return settings;
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError('the body must be a JSON object');
  return value as Fields;
}
