import { pick } from './random.ts';

/** What happens to one request and its answer on the way. */
export type Fault =
  | { readonly kind: 'latency'; readonly ms: number }
  /** The connection is cut by a reset after so many bytes of the answer. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The answer ends after so many bytes, in good order as far as TCP can tell. */
  | { readonly kind: 'truncated'; readonly afterBytes: number }
  /** The request arrives, its answer never comes, and nobody closes anything. */
  | { readonly kind: 'half_open' }
  /** Not even the request arrives. */
  | { readonly kind: 'blackhole' }
  /** One byte of the answer per `everyMs`. */
  | { readonly kind: 'slow_drip'; readonly everyMs: number }
  | { readonly kind: 'limited'; readonly retryAfterS: number | null }
  /** `content-length` names so many bytes more (or less) than follow. */
  | { readonly kind: 'wrong_length'; readonly by: number };

export const faultKinds = [
  'latency',
  'reset',
  'truncated',
  'half_open',
  'blackhole',
  'slow_drip',
  'limited',
  'wrong_length',
] as const satisfies readonly Fault['kind'][];

/** A fault of that kind with chance deciding the rest. */
export function faultOf(kind: Fault['kind'], random: () => number): Fault {
  switch (kind) {
    case 'latency':
      return { kind, ms: 50 + Math.floor(random() * 950) };
    case 'reset':
    case 'truncated':
      return { kind, afterBytes: Math.floor(random() * 2_000) };
    case 'slow_drip':
      return { kind, everyMs: 1_000 };
    case 'limited':
      return { kind, retryAfterS: pick(random, [null, 2, 4, 6]) };
    case 'wrong_length':
      return { kind, by: pick(random, [-20, 7]) };
    case 'half_open':
    case 'blackhole':
      return { kind };
  }
}

/** Which share of requests meets a fault, and which kinds there are. */
export interface FaultPlan {
  readonly share: number;
  readonly kinds: readonly Fault['kind'][];
  /** At most so many faults; null: no end. */
  readonly times: number | null;
  /** Only requests whose path begins so. */
  readonly path?: string;
  /** This one, instead of one of the kinds with chance deciding the rest. */
  readonly exactly?: Fault;
}

export const calm: FaultPlan = { share: 0, kinds: [], times: null };
