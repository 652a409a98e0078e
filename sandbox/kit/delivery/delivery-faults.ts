import { ControlError } from '../provider.ts';
import { hash32 } from '../random.ts';

/**
 * What befalls messages on their way: `drop` loses one before its first
 * attempt, `duplicate` sends the same bytes `copies` more times, `delay` keeps
 * it for `ms`, `reorder` collects `size` messages and sends them one after the
 * other in another order.
 */
export type DeliveryFault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate'; readonly copies: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'reorder'; readonly size: number; readonly seed: number };

/** A fault and which messages it meets. */
export interface DeliveryFaultRule {
  readonly fault: DeliveryFault;
  /** The next so many messages; null: all until the rules are cleared. */
  readonly next: number | null;
  /** The part of them that is met, decided by the seed and the count of messages. */
  readonly share: number;
  readonly seed: number;
  /** Only messages of this webhook, channel or action. */
  readonly source: string | null;
}

export interface DeliveryFaults {
  add(rules: readonly DeliveryFaultRule[]): number;
  clear(): void;
  /** What the next message of a source meets, in the order of the rules. */
  take(source: string): readonly DeliveryFault[];
}

export function createDeliveryFaults(): DeliveryFaults {
  let live: { readonly rule: DeliveryFaultRule; seen: number }[] = [];
  return {
    add: (rules) => {
      live.push(...rules.map((rule) => ({ rule, seen: 0 })));
      return live.length;
    },
    clear: () => {
      live = [];
    },
    take: (source) => {
      const met: DeliveryFault[] = [];
      for (const entry of live) {
        const { fault, next, share, seed, source: only } = entry.rule;
        if ((only !== null && only !== source) || (next !== null && entry.seen >= next)) continue;
        entry.seen += 1;
        if (hash32(seed, entry.seen) < share * 0x1_0000_0000) met.push(fault);
      }
      live = live.filter(({ rule, seen }) => rule.next === null || seen < rule.next);
      return met;
    },
  };
}

const KINDS = ['drop', 'duplicate', 'delay', 'reorder'] as const;

/** Reads a rule of the control API: `{"kind": "drop", "next": 3}`, `{"kind": "delay", "ms": 500, "share": 0.1, "seed": 7}`. */
export function deliveryFaultRule(input: Readonly<Record<string, unknown>>): DeliveryFaultRule {
  const kind = KINDS.find((each) => each === input['kind']);
  if (kind === undefined) throw new ControlError(`a fault of deliveries needs a kind: ${KINDS.join(', ')}`);
  const seed = number(input, 'seed', 1, 0, Number.MAX_SAFE_INTEGER);
  const { source } = input;
  if (source !== undefined && typeof source !== 'string') throw new ControlError('source must be the id of a sender');
  return {
    fault: faultOf(kind, input, seed),
    next: input['next'] === undefined ? null : number(input, 'next', 1, 1, 1_000_000),
    share: fraction(input['share']),
    seed,
    source: source ?? null,
  };
}

function faultOf(kind: (typeof KINDS)[number], input: Readonly<Record<string, unknown>>, seed: number): DeliveryFault {
  switch (kind) {
    case 'drop':
      return { kind };
    case 'duplicate':
      return { kind, copies: number(input, 'copies', 1, 1, 100) };
    case 'delay':
      return { kind, ms: number(input, 'ms', 1_000, 1, 3_600_000) };
    case 'reorder':
      return { kind, size: number(input, 'size', 10, 2, 10_000), seed };
  }
}

function number(
  input: Readonly<Record<string, unknown>>,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = input[name] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ControlError(`${name} must be a whole number from ${min} to ${max}`);
}

function fraction(value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  throw new ControlError('share must be above 0 and at most 1');
}
