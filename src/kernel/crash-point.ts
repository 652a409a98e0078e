/**
 * Places between two effects: before and after each commit, before and after
 * each call that leaves the process. Rehearsals arm them to end the process
 * there, as a power cut would; otherwise passing one costs a comparison.
 * State of the module, because a place that had to be handed its plan could be
 * left out of it.
 */
export type CrashPlan = (point: string) => void;

let plan: CrashPlan | null = null;

/** Told of every point that is passed from now on; `null` disarms. */
export function armCrashPoints(next: CrashPlan | null): void {
  plan = next;
}

/** `name`: place and side, such as `sync.keep_page.before_commit`. */
export function crashPoint(name: string): void {
  plan?.(name);
}
