import type { Effect } from '../http.ts';

/** What an attempt sends; `headers` are complete but for the length of the body. */
export interface OutgoingRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Something that a provider tells a receiver outside. */
export interface Message {
  /** Id of the webhook, channel or action that sends. */
  readonly source: string;
  /** The receiver's address. Only addresses of this machine are ever called. */
  readonly to: string;
  /** What happened, for the ledger; null where the message speaks of nothing in particular. */
  readonly about: Effect | null;
  /** Made anew for each attempt when it leaves, so that signatures carry the time of sending. */
  readonly request: () => OutgoingRequest;
}

/** How an attempt ended. `not_loopback`: the address is none of this machine, and nothing was sent. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterS: number | null }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'unreachable' | 'not_loopback' };

export function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;
}

/** How one provider sends, as it documents it. */
export interface SendingRules {
  /** From the start of an attempt to the receiver's status line. */
  readonly timeoutMs: number;
  /** Milliseconds from a failed attempt (1, 2, ...) to the next; null gives up. */
  readonly retryInMs: (attempt: number, outcome: Outcome) => number | null;
  /** Whether the provider takes the answer for a success. Default: 200 to 299. */
  readonly accepts?: (outcome: Outcome) => boolean;
  /** Asked before each attempt: milliseconds to hold everything of that source, or 0. */
  readonly holdMs?: (source: string) => number;
  /** Told after each attempt that was really made. */
  readonly ended?: (source: string, outcome: Outcome) => void;
}

/** One attempt, as the ledger keeps it. */
export interface DeliveryNote {
  /** The same for all attempts and copies of a message. */
  readonly delivery: number;
  readonly source: string;
  readonly attempt: number;
  readonly about: Effect | null;
  /** What came back; null where nothing was sent. */
  readonly outcome: Outcome | null;
  /** What the control API did to it. */
  readonly fault: 'dropped' | 'copy' | 'replayed' | null;
  /** Where the message stands now. */
  readonly state: string;
}
