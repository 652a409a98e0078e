import type { SessionWrites, WriteForm, WriteWay } from '../connectors/index.ts';
import { limits } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { QueuedWrite } from '../store/index.ts';
import type { WriteTarget } from './deps.ts';
import { asRecords } from './new-fields/writes-for.ts';
import type { PlannedOperation } from './types.ts';

/** Writes that go together: one sign-in, object and operation, in one form. */
export interface Batch {
  readonly target: WriteTarget & { readonly writes: SessionWrites };
  readonly object: NativeObject;
  readonly operation: PlannedOperation;
  readonly way: WriteWay;
  readonly form: WriteForm;
  /** At most the form's; of a form that takes one at a time, those that share a reading of what stands there. */
  readonly writes: readonly QueuedWrite[];
}

/** Writes of one sign-in, object and operation, in the order of acceptance; each record once. */
export type BatchGroup = Omit<Batch, 'form'>;

/** The system itself refuses a record that is not any more as it was read. */
export const isConditional = ({ way, form }: Pick<Batch, 'way' | 'form'>): boolean =>
  way.conditional && form.recordsMax === 1;

/** Pure: the sendings that need the fewest calls. */
export function batchesOf(group: BatchGroup): Batch[] {
  const batches: Batch[] = [];
  let rest = group.writes;
  while (rest.length > 0) {
    const form = formFor(group, rest.length);
    const size = form.recordsMax > 1 ? form.recordsMax : limits.writeSinglesPerReading;
    batches.push({ ...group, form, writes: rest.slice(0, size) });
    rest = rest.slice(size);
  }
  return batches;
}

/** The one with the fewest calls; of equals the first. */
function formFor({ way, target, object, operation }: BatchGroup, records: number): WriteForm {
  const [first] = way.forms;
  if (first === undefined) throw new Error(`no form of ${operation} on ${object.name}`);
  const calls = (form: WriteForm): number => target.writes.callsFor(object, asRecords(operation), form.name, records);
  return way.forms
    .filter(({ recordsFrom }) => recordsFrom <= records)
    .reduce((best, form) => (calls(form) < calls(best) ? form : best), first);
}
