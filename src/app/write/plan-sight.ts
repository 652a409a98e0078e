import type { VisibleObject } from '../../access/index.ts';
import {
  isShown,
  isUndoPlan,
  undoSight,
  type Asker,
  type PlannedWrite,
  type PlanPorts,
  type WritePlan,
} from '../../write/index.ts';

/**
 * A plan that was kept, as its agent may be told of it at this moment: values
 * of records and fields that it is not shown any more are left out, and what
 * the plan moves, if any are. Of the writes before `from` and from `to` on
 * nothing is looked up; they are not to be told.
 */
export async function asShownNow(
  asker: Asker,
  ports: Pick<PlanPorts, 'locate'>,
  plan: WritePlan,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<WritePlan> {
  const told = plan.writes.slice(from, to);
  const shown = await shownOf(asker, ports, { writes: told, inNative: isUndoPlan(plan) });
  const now = new Map(told.map((write) => [write, cutTo(write, shown(write))]));
  const writes = plan.writes.map((write) => now.get(write) ?? write);
  const isWhole = told.every((write) => now.get(write) === write);
  if (isWhole) return plan;
  const impact = { ...plan.impact, amount: null, currency: null, why: HIDDEN };
  // Reasons name what it is worth.
  const because = plan.decision.because.map(({ rule }) => ({ rule, text: HIDDEN }));
  return { ...plan, writes, impact, decision: { ...plan.decision, because } };
}

const HIDDEN = 'Some of it is not shown to you any more.';

/** Null: nothing of the record is shown. */
type Shown = ((field: string) => boolean) | null;

async function shownOf(
  asker: Asker,
  ports: Pick<PlanPorts, 'locate'>,
  { writes, inNative }: { readonly writes: readonly PlannedWrite[]; readonly inNative: boolean },
): Promise<(write: PlannedWrite) => Shown> {
  const sightOf = undoSight(asker, ports);
  const places = new Map(writes.map((write) => [placeOf(write), write]));
  const sights = new Map<string, Awaited<ReturnType<typeof sightOf>>>();
  for (const [place, { connection, object }] of places) {
    const recordIds = writes.flatMap((write) => (placeOf(write) === place ? (write.recordId ?? []) : []));
    sights.set(place, await sightOf({ connection, object, recordIds }));
  }
  return (write) => {
    const sight = sights.get(placeOf(write));
    if (sight === undefined || (write.recordId !== null && !sight.records.has(write.recordId))) return null;
    const stream = asker.streams.find(
      (each) => each.connection === write.connection && each.object.name === write.object,
    );
    if (stream === undefined) return null;
    // What takes back is in the words of the system, whatever it was written in.
    if (inNative) return (field) => sight.fields.has(field) && !sight.hides(field);
    const isHere = ({ sources }: VisibleObject): boolean => sources.some((source) => source.stream === stream.stream);
    const visible =
      write.model === null
        ? [...asker.caller.objects.values()].find((object) => object.kind === 'native' && isHere(object))
        : asker.caller.objects.get(write.model);
    return visible === undefined ? null : (field) => isShown(visible, stream.stream, field);
  };
}

const placeOf = ({ connection, object }: PlannedWrite): string => JSON.stringify([connection, object]);

/** The write itself where all of it is shown. */
function cutTo(write: PlannedWrite, shown: Shown): PlannedWrite {
  if (shown === null) return { ...write, label: null, changes: [] };
  const changes = write.changes.filter(({ field }) => shown(field));
  return changes.length === write.changes.length ? write : { ...write, label: null, changes };
}
