import { limits } from '../kernel/index.ts';
import type { HeldSweep, SweepFinding } from '../store/index.ts';

export type SweepVerdict =
  | { readonly kind: 'carry_out' }
  /** `at`: since when such findings are held. */
  | { readonly kind: 'hold'; readonly at: Date; readonly grantsChanged: boolean };

/*
 * States of a comparison and what happens to it. `few` and `many` are what its
 * end found missing; `many` is more than `sweepHeldFrom` records and more than
 * `sweepHeldShare` of those compared.
 *
 * | state                | begins           | ends: few        | ends: many                    | page kept  | accepted         |
 * | -------------------- | ---------------- | ---------------- | ----------------------------- | ---------- | ---------------- |
 * | idle                 | comparing        | -                | -                             | -          | refused          |
 * | comparing            | comparing anew   | deletes, to idle | to held                       | marks seen | refused          |
 * | comparing, held once | comparing anew,  | deletes, to idle | confirmed: deletes, to idle;  | marks seen | refused          |
 * |                      | held once        |                  | else to held                  |            |                  |
 * | held                 | comparing,       | -                | -                             | marks seen | deletes, to idle |
 * |                      | held once        |                  |                               | (*)        |                  |
 *
 * (*) Where that leaves few missing, it is the end of a comparison that found few.
 *
 * Where what the connected user may see is not what it was at the last comparison that was carried out (or changed
 * during this one), any missing record makes the end `to held`, nothing but `accepted` deletes, and `few` is none.
 *
 * Confirmed: at least `sweepConfirmAfterMs` after the first finding that was
 * held, and not so many more are missing than then that those alone would be held.
 */

/** Pure: what is to be done with what a comparison found to be missing. */
export function judgeSweep(
  finding: SweepFinding,
  held: HeldSweep | null,
  { now, grantsSame }: { readonly now: Date; readonly grantsSame: boolean },
): SweepVerdict {
  if (finding.missing > 0 && !grantsSame) return { kind: 'hold', at: held?.at ?? now, grantsChanged: true };
  if (!isMany(finding)) return { kind: 'carry_out' };
  if (held === null) return { kind: 'hold', at: now, grantsChanged: false };
  const more = Math.max(0, finding.missing - held.missing);
  // Another finding than the one that waits: the time begins anew.
  if (isMany({ missing: more, compared: finding.compared })) return { kind: 'hold', at: now, grantsChanged: false };
  const waited = now.getTime() - held.at.getTime();
  return waited >= limits.sweepConfirmAfterMs
    ? { kind: 'carry_out' }
    : { kind: 'hold', at: held.at, grantsChanged: false };
}

/** Whether absence says anything: the user is shown what it was shown before. `now` null: the provider does not tell. */
export function sameGrants(
  { grants, carriedGrants }: { readonly grants: string | null; readonly carriedGrants: string | null },
  now: string | null,
): boolean {
  return [grants, carriedGrants].every((before) => before === null || before === now || isOfAnotherKind(before, now));
}

/** Made by another version of the connector, of other facts: neither the same nor different. */
function isOfAnotherKind(before: string, now: string | null): boolean {
  const kindOf = (hash: string): string | null => /^(\d+):/.exec(hash)?.[1] ?? null;
  return now !== null && kindOf(before) !== kindOf(now);
}

/** So many missing that they are not believed without being confirmed. */
export function isMany({ missing, compared }: SweepFinding): boolean {
  return missing > limits.sweepHeldFrom && missing > compared * limits.sweepHeldShare;
}
