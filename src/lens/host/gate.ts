import { systemClock, type TenantId } from '../../kernel/index.ts';
import type { SqlCaller } from '../contract.ts';
import { HostError } from './failure.ts';

/**
 * Lets through so many statements of agents at once, in all and per tenant,
 * and one per caller. A caller's statements wait for its own earlier ones
 * before they wait for a place, so however many it sends, it is in the line
 * once, and goes to its end after each.
 */
export interface Gate {
  /** Resolves with the way out; rejects with `timeout` when the turn does not come before `until` (monotonic clock). */
  enter(caller: SqlCaller, until: number): Promise<() => void>;
  readonly inside: number;
}

/** A caller with statements inside or waiting. */
interface Line {
  readonly tenant: TenantId;
  readonly waiting: Set<Waiter>;
  busy: boolean;
}

type Waiter = () => void;

export function createGate(maxima: { readonly total: number; readonly perTenant: number }): Gate {
  const running = new Map<TenantId, number>();
  // In the order of their turns.
  const lines = new Map<string, Line>();
  let total = 0;

  const mayRun = ({ tenant, busy, waiting }: Line): boolean =>
    !busy && waiting.size > 0 && total < maxima.total && (running.get(tenant) ?? 0) < maxima.perTenant;

  function letIn(): void {
    for (const line of lines.values()) {
      const [first] = line.waiting;
      if (first === undefined || !mayRun(line)) continue;
      line.waiting.delete(first);
      line.busy = true;
      total += 1;
      running.set(line.tenant, (running.get(line.tenant) ?? 0) + 1);
      first();
    }
  }

  function leave(key: string, line: Line): void {
    line.busy = false;
    total -= 1;
    const left = (running.get(line.tenant) ?? 1) - 1;
    if (left === 0) running.delete(line.tenant);
    else running.set(line.tenant, left);
    // Its next statement goes behind those who came while this one ran.
    lines.delete(key);
    if (line.waiting.size > 0) lines.set(key, line);
    letIn();
  }

  return {
    get inside() {
      return total;
    },
    enter({ tenant, session }, until) {
      const key = `${tenant}:${session}`;
      const line = lines.get(key) ?? { tenant, waiting: new Set(), busy: false };
      lines.set(key, line);
      return new Promise((resolve, reject) => {
        const waiter: Waiter = () => {
          clearTimeout(timer);
          resolve(() => leave(key, line));
        };
        const timer = setTimeout(() => {
          line.waiting.delete(waiter);
          if (!line.busy && line.waiting.size === 0) lines.delete(key);
          reject(new HostError({ kind: 'timeout' }));
        }, until - systemClock.monotonicMs());
        line.waiting.add(waiter);
        letIn();
      });
    },
  };
}
