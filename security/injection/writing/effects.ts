import type { RunningSandboxProcess } from '../../../sandbox/client/index.ts';

/** Something that a call from outside did in a system; what the system's own automations did because of it is not among them. */
export interface Effect {
  readonly system: string;
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly effects?: readonly {
    readonly op: string;
    readonly object: string;
    readonly id: string;
    readonly fields?: Readonly<Record<string, unknown>>;
    readonly cause?: string;
  }[];
}

const PAGE = 2_000;

/** What really happened, in the order of the systems' own ledgers. */
export async function effectsIn(systems: ReadonlyMap<string, RunningSandboxProcess>): Promise<readonly Effect[]> {
  const found: Effect[] = [];
  for (const [system, process] of systems) {
    let since = 0;
    for (;;) {
      const path = `ledger?since=${String(since)}&limit=${String(PAGE)}`;
      const { entries } = await process.control<{ entries: readonly Entry[] }>('GET', path);
      for (const { kind, effects = [] } of entries) {
        if (kind !== 'call' && kind !== 'background') continue;
        for (const { op, object, id, fields = {}, cause } of effects) {
          if (cause === undefined && op !== 'send') found.push({ system, op, object, id, fields });
        }
      }
      since = entries.at(-1)?.seq ?? since;
      if (entries.length < PAGE) break;
    }
  }
  return found;
}
