import { GantryError, limits } from '../../kernel/index.ts';

/**
 * What has to be remembered of a feed that names its own places, to notice
 * that it leads nowhere. Small, and a part of the stored cursor, so that the
 * next process goes on with it.
 */
export interface Trail {
  /** An earlier place; meeting it again means going in a circle. */
  readonly mark: string;
  /** Places since the mark, and how many of them until a later one becomes the mark. */
  readonly steps: number;
  readonly lap: number;
  /** Answers in a row without a record. */
  readonly idle: number;
}

/**
 * The trail after an answer with so many records that names `place` as the
 * next one. The mark moves on in doubling distances (Brent's way to find a
 * cycle), so that a circle of any length is found within three rounds of it.
 * Raises `upstream_malformed` for a circle, and where record-less answers
 * follow one another without end.
 */
export function trailTo(
  before: Trail | undefined,
  { place, records, object, where }: { place: string; records: number; object: string; where: string },
): Trail {
  const idle = records > 0 ? 0 : (before?.idle ?? 0) + 1;
  if (idle > limits.emptyPagesMax) {
    throw leadsNowhere(
      `${String(idle)} answers in a row have no record of "${object}", and each says that there is more.`,
      where,
    );
  }
  if (before === undefined) return { mark: place, steps: 0, lap: 1, idle };
  if (place === before.mark)
    throw leadsNowhere(`The places of "${object}" lead back to one that was read already.`, where);
  const steps = before.steps + 1;
  return steps < before.lap ? { ...before, steps, idle } : { mark: place, steps: 0, lap: before.lap * 2, idle };
}

/** Out of a stored cursor; undefined where it has none. */
export function trailIn(value: unknown): Trail | undefined {
  const trail = value as Partial<Trail> | null | undefined;
  const isWhole =
    typeof trail?.mark === 'string' &&
    [trail.steps, trail.lap, trail.idle].every((count) => Number.isSafeInteger(count));
  return isWhole ? (trail as Trail) : undefined;
}

function leadsNowhere(message: string, where: string): GantryError {
  return new GantryError('upstream_malformed', { message, where, data: { class: 'malformed_response' } });
}
