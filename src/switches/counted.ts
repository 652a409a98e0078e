import { limits, type Json } from '../kernel/index.ts';

/** What a trigger looks at. */
export interface Figures {
  /** Writes that ended, and how many of them failed. */
  readonly ended: number;
  readonly failed: number;
  /** Accepted. */
  readonly records: number;
  /** Accepted, in the base currency. */
  readonly amount: number;
}

/** What was counted in a part of the window. `at`: when it begins, ms. */
export interface CountedPart extends Figures {
  readonly at: number;
}

const nothing: Figures = { ended: 0, failed: 0, records: 0, amount: 0 };

/**
 * Pure: with what is counted now, without what has left the window. What is up
 * to one part (a sixtieth of the window) older still counts: it stops rather
 * too early than too late.
 */
export function counted(
  parts: readonly CountedPart[],
  add: Figures,
  { now, windowMs }: { readonly now: Date; readonly windowMs: number },
): readonly CountedPart[] {
  const partMs = windowMs / limits.switchWindowParts;
  const at = Math.floor(now.getTime() / partMs) * partMs;
  const kept = parts.filter((part) => part.at + partMs > now.getTime() - windowMs);
  const here = kept.find((part) => part.at === at) ?? { at, ...nothing };
  const others = kept.filter((part) => part.at !== at);
  return [...others, { at, ...plus(here, add) }].toSorted((one, other) => one.at - other.at);
}

/** Pure. */
export const totalOf = (parts: readonly CountedPart[]): Figures => parts.reduce<Figures>(plus, nothing);

const plus = (one: Figures, other: Figures): Figures => ({
  ended: one.ended + other.ended,
  failed: one.failed + other.failed,
  records: one.records + other.records,
  amount: one.amount + other.amount,
});

export const partsJson = (parts: readonly CountedPart[]): Json =>
  parts.map(({ at, ended, failed, records, amount }) => [at, ended, failed, records, amount]);

/** Kept by `partsJson`. */
export function partsIn(kept: Json): CountedPart[] {
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((part) => {
    if (!Array.isArray(part)) return [];
    const [at, ended, failed, records, amount] = part.map(Number);
    if (at === undefined || ended === undefined || failed === undefined) return [];
    if (records === undefined || amount === undefined) return [];
    return [{ at, ended, failed, records, amount }];
  });
}
