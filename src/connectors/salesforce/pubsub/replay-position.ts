import type { Cursor } from '../../contract.ts';

/** By topic: the replay id of what was kept last. */
export type ReplayPlaces = ReadonlyMap<string, Uint8Array>;

/** Replay ids are opaque bytes. Pub/Sub API guide, "Event Message Durability". */
export function placesOf(position: Cursor | null): ReplayPlaces {
  const replay = position?.['replay'];
  if (typeof replay !== 'object' || replay === null || Array.isArray(replay)) return new Map();
  return new Map(
    Object.entries(replay).flatMap(([topic, text]): [string, Uint8Array][] =>
      typeof text === 'string' ? [[topic, Buffer.from(text, 'base64')]] : [],
    ),
  );
}

export function positionOf(places: ReplayPlaces): Cursor {
  return {
    kind: 'replay',
    replay: Object.fromEntries([...places].map(([topic, id]) => [topic, Buffer.from(id).toString('base64')])),
  };
}
