import { closeSync, openSync, writeSync } from 'node:fs';
import type { DeliveryNote } from './delivery/message.ts';
import type { Effect } from './http.ts';

export interface LedgerEntry {
  /** 1, 2, 3, ... without gaps. */
  readonly seq: number;
  /** Sandbox time of the answer. */
  readonly at: string;
  /**
   * `control` entries are changes made over the control API, `delivery` entries
   * attempts to reach a receiver outside, `background` entries what a job or a
   * call that came late did after its answer; none of them are provider calls.
   */
  readonly kind: 'call' | 'control' | 'delivery' | 'background';
  readonly user: string | null;
  readonly method: string;
  /** Without the query, which may hold secrets; of a delivery only the receiver's origin. */
  readonly path: string;
  /** What the caller got, or the receiver answered; 0 when the connection was cut. */
  readonly status: number;
  readonly durationMs: number;
  readonly effects: readonly Effect[];
  /** `X-Request-Id` of the caller, where there was one. */
  readonly request?: string;
  readonly delivery?: DeliveryNote;
}

export interface Ledger {
  append(entry: Omit<LedgerEntry, 'seq'>): void;
  since(seq: number, limit: number): readonly LedgerEntry[];
  /** The deliveries among the entries. */
  deliveriesSince(seq: number, limit: number): readonly LedgerEntry[];
  calls(): { readonly total: number; readonly byPath: Readonly<Record<string, number>> };
  close(): void;
}

/**
 * Append-only. The file, when there is one, is written before the answer
 * leaves: whoever saw an answer finds its effect there, even after a crash.
 */
export function createLedger(file: string | null): Ledger {
  const entries: LedgerEntry[] = [];
  const deliveries: LedgerEntry[] = [];
  const byPath = new Map<string, number>();
  let handle = file === null ? null : openSync(file, 'a', 0o600);
  return {
    append: (entry) => {
      const full: LedgerEntry = { seq: entries.length + 1, ...entry };
      entries.push(full);
      if (full.kind === 'delivery') deliveries.push(full);
      if (full.kind === 'call') {
        const key = `${full.method} ${full.path}`;
        byPath.set(key, (byPath.get(key) ?? 0) + 1);
      }
      if (handle !== null) writeSync(handle, `${JSON.stringify(full)}\n`);
    },
    since: (seq, limit) => entries.slice(Math.max(0, seq), Math.max(0, seq) + limit),
    deliveriesSince: (seq, limit) => {
      const first = deliveries.findIndex((entry) => entry.seq > seq);
      return first < 0 ? [] : deliveries.slice(first, first + limit);
    },
    calls: () => ({
      total: [...byPath.values()].reduce((sum, count) => sum + count, 0),
      byPath: Object.fromEntries([...byPath].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }),
    close: () => {
      if (handle !== null) closeSync(handle);
      // A call that was still waiting when the sandbox stopped has nobody to answer.
      handle = null;
    },
  };
}
