import type { SandboxClock } from '../../kit/index.ts';

/**
 * Records of transactions that are not committed yet: they bear the stamps of
 * when they were made, and nobody else sees them before their time.
 */
export interface LateCommits {
  add(object: string, ids: readonly string[], visibleFromMs: number): void;
  /** Null: everything of the object is committed. */
  hidden(object: string): ((id: string) => boolean) | null;
}

export function createLateCommits(clock: SandboxClock): LateCommits {
  const byObject = new Map<string, Map<string, number>>();
  return {
    add: (object, ids, visibleFromMs) => {
      const known = byObject.get(object) ?? new Map<string, number>();
      byObject.set(object, known);
      for (const id of ids) known.set(id, visibleFromMs);
    },
    hidden: (object) => {
      const known = byObject.get(object);
      if (known === undefined) return null;
      const nowMs = clock.now().getTime();
      for (const [id, fromMs] of known) if (fromMs <= nowMs) known.delete(id);
      if (known.size === 0) byObject.delete(object);
      return known.size === 0 ? null : (id) => known.has(id);
    },
  };
}
