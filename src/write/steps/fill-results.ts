import type { Json, TenantId } from '../../kernel/index.ts';
import {
  readWriteContents,
  readWriteStates,
  renewWriteContents,
  type Tx,
  type WritePlanRow,
} from '../../store/index.ts';
import { namesOfMade, withNames } from '../new-fields/fill-names.ts';
import { asJson, contentOf, isErased, writeOf } from '../plan-row.ts';
import type { PlannedWrite } from '../types.ts';
import { filledText, stepResult } from './step-result.ts';

/** What earlier steps made takes its place in the values of a step that is about to begin. */
export async function fillResults(tx: Tx, tenant: TenantId, row: WritePlanRow, step: number): Promise<void> {
  if (contentOf(row).steps === undefined || step === 0) return;
  const writes = (await readWriteContents(tx, tenant, row.id))
    // Of a person who asked for it nothing is left.
    .filter(({ content }) => !isErased(content))
    .map(({ content }) => writeOf(content));
  const waiting = writes.filter((write) => write.step === step && (usesResults(write) || write.made !== undefined));
  if (waiting.length === 0) return;
  const states = await readWriteStates(tx, tenant, row.id, { from: 0, limit: row.records, states: null });
  // Without an id nothing is filled in: an empty text may be taken for a value, what stands for one is refused.
  const ids = new Map(states.flatMap(({ item, recordId }) => (recordId === '' ? [] : [[item, recordId] as const])));
  const known = new Map(
    writes.map(({ step: own, record, item }) => [`${String(own)} ${String(record)}`, ids.get(item)]),
  );
  const filled = (value: Json): Json => {
    const result = stepResult(value);
    const id = result === null ? undefined : known.get(`${String(result.step)} ${String(result.record)}`);
    return result === null || id === undefined ? value : filledText(result, id);
  };
  const nameOf = namesOfMade(writes, (item) => ids.get(item));
  const renewed = waiting.map((waits): PlannedWrite => {
    const write = withNames(waits, nameOf);
    return {
      ...write,
      values: Object.fromEntries(Object.entries(write.values).map(([name, value]) => [name, filled(value)])),
      changes: write.changes.map((change) => ({ ...change, after: filled(change.after) })),
    };
  });
  await renewWriteContents(
    tx,
    tenant,
    row.id,
    renewed.map((write) => ({ item: write.item, content: asJson(write) })),
  );
}

const usesResults = ({ values }: PlannedWrite): boolean =>
  Object.values(values).some((value) => stepResult(value) !== null);
