/** One who listens on a channel. */
export interface Ear {
  readonly listener: (payload: string) => void;
  /** Called after a time in which nothing could be heard. */
  readonly missed: (() => void) | undefined;
}

/** Who listens on which channel of a database, whatever connection there is. */
export interface Ears {
  /** `isFirst`: nobody has listened on this channel yet. */
  add(channel: string, ear: Ear): { readonly isFirst: boolean; readonly forget: () => void };
  channels(): Iterable<string>;
  hear(channel: string, payload: string): void;
  missedAll(): void;
}

export function createEars(): Ears {
  const all = new Map<string, Set<Ear>>();
  return {
    add: (channel, ear) => {
      const known = all.get(channel);
      const own = known ?? new Set();
      all.set(channel, own.add(ear));
      return { isFirst: known === undefined, forget: () => void own.delete(ear) };
    },
    channels: () => all.keys(),
    hear: (channel, payload) => {
      for (const { listener } of all.get(channel) ?? []) listener(payload);
    },
    missedAll: () => {
      for (const own of all.values()) for (const { missed } of own) missed?.();
    },
  };
}
