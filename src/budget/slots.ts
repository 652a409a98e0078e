import { limits, type Clock } from '../kernel/index.ts';
import { abortable } from './abortable.ts';
import type { CallPurpose } from '../connectors/index.ts';

/** Calls under way at once. Whoever waits for an answer comes first, and background work leaves some free. */
export interface Slots {
  /** Resolves with the way to leave; null where `ms` passed before. Rejects when aborted. */
  enter(who: Caller, wait: { readonly ms: number; readonly signal: AbortSignal }): Promise<(() => void) | null>;
}

export interface Caller {
  readonly purpose: CallPurpose;
  /** Whose call it is, of those that share the places: the connection. */
  readonly connection: string;
}

interface Place {
  readonly connection: string;
  readonly sinceMs: number;
  /** Somebody else calls in its stead, because it hangs. */
  isLent: boolean;
}

interface Waiting {
  readonly connection: string;
  readonly admit: (place: Place) => void;
}

export interface SlotDeps {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** The process stops. */
  readonly signal: AbortSignal;
}

/**
 * `most` places. A call that hangs for `circuitHangMs` lends its place to
 * another connection that waits for one: until its circuit opens it would keep
 * connections from calling whose calls are answered. So there may be up to as
 * many calls more under way as hang, and never more than twice `most`.
 */
export function createSlots(most: number, { clock, signal }: SlotDeps): Slots {
  const usable = { interactive: most, background: Math.max(1, Math.floor(most * 0.8)) };
  const waiting: Record<CallPurpose, Waiting[]> = { interactive: [], background: [] };
  const places = new Set<Place>();
  let taken = 0;
  let isWatched = false;

  const take = (connection: string): Place => {
    const place = { connection, sinceMs: clock.monotonicMs(), isLent: false };
    places.add(place);
    taken += 1;
    return place;
  };
  const fill = (): void => {
    for (const purpose of ['interactive', 'background'] as const) {
      while (taken < usable[purpose]) {
        const next = waiting[purpose].shift();
        if (next === undefined) break;
        next.admit(take(next.connection));
      }
    }
  };
  const leave = (place: Place): void => {
    if (!places.delete(place)) return;
    if (!place.isLent) taken -= 1;
    fill();
  };
  const lend = (): void => {
    const now = clock.monotonicMs();
    const hanging = [...places].filter(({ sinceMs }) => now - sinceMs >= limits.circuitHangMs);
    const stuck = new Set(hanging.map(({ connection }) => connection));
    for (const place of hanging) {
      if (place.isLent || places.size >= 2 * most) continue;
      const next = takeOther(waiting.interactive, stuck) ?? takeOther(waiting.background, stuck);
      if (next === null) return;
      place.isLent = true;
      taken -= 1;
      next.admit(take(next.connection));
    }
  };
  /** As long as anybody waits. */
  const watch = async (): Promise<void> => {
    if (isWatched) return;
    isWatched = true;
    while (waiting.interactive.length + waiting.background.length > 0) {
      if (
        !(await clock.sleep(limits.hangLookMs, signal).then(
          () => true,
          () => false,
        ))
      )
        break;
      lend();
    }
    isWatched = false;
  };

  return {
    enter: async ({ purpose, connection }, wait) => {
      if (taken < usable[purpose] && waiting[purpose].length === 0) {
        const place = take(connection);
        return () => leave(place);
      }
      const { entry, turn } = queued(connection);
      waiting[purpose].push(entry);
      void watch();
      const sleep = (ms: number, until: AbortSignal): Promise<void> => clock.sleep(ms, until);
      let place: Place | undefined;
      try {
        place = await abortable(turn, wait, sleep);
      } finally {
        if (place === undefined) giveUp(entry, purpose, turn);
      }
      const mine = place;
      return mine === undefined ? null : () => leave(mine);
    },
  };

  /** Nobody is there any more: a turn that came at the same moment goes to the next. */
  function giveUp(entry: Waiting, purpose: CallPurpose, turn: Promise<Place>): void {
    const at = waiting[purpose].indexOf(entry);
    if (at === -1) void turn.then(leave);
    else waiting[purpose].splice(at, 1);
  }
}

/** The first in a queue of a connection that does not hang itself. */
function takeOther(queue: Waiting[], stuck: ReadonlySet<string>): Waiting | null {
  const at = queue.findIndex(({ connection }) => !stuck.has(connection));
  return at === -1 ? null : (queue.splice(at, 1)[0] ?? null);
}

function queued(connection: string): { readonly entry: Waiting; readonly turn: Promise<Place> } {
  let admit: Waiting['admit'] = () => undefined;
  const turn = new Promise<Place>((resolve) => {
    admit = resolve;
  });
  return { entry: { connection, admit }, turn };
}
