import type { RecordImage, WriteOutcome } from '../../connectors/index.ts';
import type { ConnectionId, Json } from '../../kernel/index.ts';
import type { JournalRow, WriteKey } from '../../store/index.ts';
import { movedTogether, type Moved } from '../moved.ts';
import { writeOf } from '../plan-row.ts';
import type { PlannedWrite } from '../types.ts';

/** What writes have done to one record, all together: what stood there before the first, and after the last. */
export interface RecordChain {
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly integration: string;
  readonly object: string;
  readonly model: string | null;
  readonly recordId: string;
  readonly label: string | null;
  /** What they have moved, at most; absent or null: nobody can tell. */
  readonly worth?: number | null;
  readonly currency?: string | null;
  readonly existedBefore: boolean;
  readonly existsAfter: boolean;
  /** By native field, of every field that any of them wrote; of a deleted record all that can be written. */
  readonly before: { readonly [field: string]: Json };
  /** As it stood right after; what was sent, where that is not known, or others had changed it before it was read. */
  readonly after: { readonly [field: string]: Json };
  /** The provider has no way back from one of them. */
  readonly final: boolean;
  /** Of a record that we made: all that could be written of it right after. Absent: less was read. */
  readonly made?: RecordImage['values'] | undefined;
  /** As it was right after the last of them; absent or null: nobody knows. */
  readonly version?: string | null | undefined;
  /** The record that we had deleted, and that this one brings back. */
  readonly restores?: string | undefined;
  /** We had deleted it, and have brought it back since, under another id. */
  readonly isBack?: boolean | undefined;
  readonly writes: readonly WriteKey[];
}

/** Of a write that succeeded; null: nobody said under which id it made its record. */
export const recordOf = ({ recordId, content }: Pick<JournalRow, 'recordId' | 'content'>): string | null =>
  recordId ?? writeOf(content).recordId;

/** Why a write is in none of the chains. */
export const NO_RECORD = 'It stands there, and nobody said under which id: look for it in the system itself.';

/** Pure. `rows`: writes that succeeded, the earliest first. Those without a record are left out. */
export function chainsOf(rows: readonly JournalRow[]): RecordChain[] {
  const chains = new Map<string, RecordChain>();
  for (const row of rows) {
    const write = writeOf(row.content);
    const recordId = recordOf(row);
    if (recordId === null) continue;
    const key = JSON.stringify([write.connection, write.object, recordId]);
    const known = chains.get(key);
    const link = linkOf(row, write, recordId);
    chains.set(key, known === undefined ? link : joined(known, link));
  }
  return [...chains.values()];
}

function linkOf(row: JournalRow, write: PlannedWrite, recordId: string): RecordChain {
  const outcome = row.outcome as unknown as WriteOutcome | null;
  const created = write.operation === 'create' || (outcome?.kind === 'applied' && outcome.created);
  const image = row.before as unknown as RecordImage | null;
  const after = row.after as unknown as RecordImage | null;
  const { connection, slug, integration, object, model, label, operation, reversibility } = write;
  const before = image?.values ?? write.before ?? {};
  return {
    connection,
    slug,
    integration,
    object,
    model,
    recordId,
    label,
    worth: write.worth ?? null,
    currency: write.currency ?? null,
    existedBefore: !created,
    existsAfter: operation !== 'delete',
    before: created ? {} : operation === 'delete' ? before : written(write, before),
    after: operation === 'delete' ? {} : { ...write.values, ...written(write, after?.values ?? {}) },
    final: reversibility === 'none',
    made: created ? after?.values : undefined,
    version: after?.version,
    restores: write.restores,
    writes: [{ plan: row.plan, item: row.item }],
  };
}

/** Records that were sent together were read together: of each no more counts than what its own write was about. */
const written = ({ values }: PlannedWrite, image: RecordImage['values']): RecordImage['values'] =>
  Object.fromEntries(Object.entries(image).filter(([field]) => field in values));

const movedBy = ({ worth = null, currency = null }: RecordChain): Moved => ({ amount: worth, currency });

export function joined(one: RecordChain, next: RecordChain): RecordChain {
  const { amount, currency } = movedTogether(movedBy(one), movedBy(next));
  return {
    ...next,
    label: next.label ?? one.label,
    worth: amount,
    currency,
    existedBefore: one.existedBefore,
    // Of a field that the first did not touch, the later one knows what stood there before.
    before: one.existedBefore ? { ...next.before, ...one.before } : {},
    after: next.existsAfter ? { ...one.after, ...next.after } : {},
    final: one.final || next.final,
    made: one.made,
    restores: one.restores,
    isBack: one.isBack,
    writes: [...one.writes, ...next.writes],
  };
}
