import { z } from 'zod';
import type { AllowanceReading, RateLimits } from '../contract.ts';

const header = z.string().regex(/^[a-z][a-z0-9-]*$/);

/** Where answers say how much is left: in headers of their own, or in one as `name=used/limit` or `total=; remaining=; resets=`. */
const readingShape = z.union([
  z.strictObject({ limit: header, remaining: header, resets: header.optional() }),
  z.strictObject({ used_of: header }),
  z.strictObject({ parts: header }),
]);

const limitShape = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
    per_s: z.number().positive(),
    /** Assumed until the provider says otherwise: the smallest plan that has an API. */
    calls: z.number().int().positive(),
    /** On the largest plan. */
    calls_max: z.number().int().positive().optional(),
    /** Share that background work never takes. */
    reserve: z.number().min(0).max(0.9).optional(),
    /** Beginnings of the paths that it counts; absent: every call. */
    paths: z.array(z.string().startsWith('/')).min(1).optional(),
    reading: readingShape.optional(),
  })
  .refine(({ calls, calls_max: most }) => most === undefined || most >= calls, 'calls_max must not be below calls');

/** The `rate_limits` part of a declaration. */
export const rateLimitsShape = z.strictObject({
  /** Headers with seconds (or a date) until a failed call may be repeated, first found wins. */
  wait: z.array(z.string().min(1)),
  /** The same, but sent with every answer, so that it counts for limited calls only. */
  reset: z.array(z.string().min(1)).default([]),
  limits: z.array(limitShape).default([]),
  /** Calls that the provider serves at once. */
  concurrent: z.number().int().positive().optional(),
});

type DeclaredLimits = z.infer<typeof rateLimitsShape>;

/** How calls and answers of one provider belong to its limits. */
export interface LimitDialect {
  /** Beginnings of paths that a limit of its own counts. */
  readonly paths: readonly { readonly limit: string; readonly begins: string }[];
  /** Of the limit that counts every call. */
  readonly reading: ReadingShape | null;
  /** By the name of a limit of its own. */
  readonly readings?: ReadonlyMap<string, ReadingShape>;
}

type ReadingShape = z.infer<typeof readingShape>;

export function rateLimitsOf({ limits, concurrent }: DeclaredLimits): RateLimits {
  return {
    windows: limits.map((limit) => ({
      name: limit.name,
      windowMs: limit.per_s * 1_000,
      calls: limit.calls,
      callsMax: limit.calls_max ?? limit.calls,
      reserve: limit.reserve ?? null,
      common: limit.paths === undefined,
      read: limit.reading !== undefined,
    })),
    concurrent: concurrent ?? null,
  };
}

export function limitDialectOf({ limits }: DeclaredLimits): LimitDialect {
  return {
    paths: limits.flatMap(({ name, paths }) => (paths ?? []).map((begins) => ({ limit: name, begins }))),
    reading: limits.find(({ reading, paths }) => reading !== undefined && paths === undefined)?.reading ?? null,
    readings: new Map(
      limits.flatMap(({ name, paths, reading }) =>
        reading === undefined || paths === undefined ? [] : [[name, reading]],
      ),
    ),
  };
}

/** The limit of its own that counts the call; null: the common one only. */
export const limitOfPath = ({ paths }: LimitDialect, path: string): string | null =>
  paths.find(({ begins }) => path.startsWith(begins))?.limit ?? null;

/** What an answer's headers say is left of `limit` (null: the common one); null where they do not, or not in numbers. */
export function readingIn(
  { reading: common, readings }: LimitDialect,
  limit: string | null,
  headers: Headers,
): AllowanceReading | null {
  const reading = limit === null ? common : (readings?.get(limit) ?? null);
  if (reading === null) return null;
  if ('parts' in reading) {
    const text = headers.get(reading.parts) ?? '';
    const part = (name: string): string | null => new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1] ?? null;
    return allowance(part('total'), wholeIn(part('remaining')), wholeIn(part('resets')));
  }
  if ('used_of' in reading) {
    const [, used, most] = /(?:^|[=\s])(\d+)\/(\d+)\b/.exec(headers.get(reading.used_of) ?? '') ?? [];
    return allowance(most, used === undefined || most === undefined ? null : Number(most) - Number(used), null);
  }
  const remaining = wholeIn(headers.get(reading.remaining));
  const resets = reading.resets === undefined ? null : wholeIn(headers.get(reading.resets));
  return allowance(headers.get(reading.limit), remaining, resets);
}

function allowance(
  limit: string | null | undefined,
  remaining: number | null,
  resetsInS: number | null,
): AllowanceReading | null {
  const of = wholeIn(limit ?? null);
  if (of === null || of < 1 || remaining === null) return null;
  return {
    limit: of,
    remaining: Math.min(of, Math.max(0, remaining)),
    resetsInMs: resetsInS === null ? null : resetsInS * 1_000,
  };
}

function wholeIn(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null;
}
