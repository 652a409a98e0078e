import type { RecordImage, WriteItem, WriteRequest } from '../connectors/index.ts';
import type { JsonObject } from '../kernel/index.ts';
import {
  keepSendingJob,
  lockPlansToSend,
  type QueuedWrite,
  type Tx,
  type WriteKey,
  type WritePlanRow,
} from '../store/index.ts';
import { isConditional, type Batch } from './batch.ts';
import { asRecords } from './new-fields/writes-for.ts';
import type { Trials } from './trial-over.ts';
import { holdTurn, type Turn } from './turn.ts';
import type { PlannedWrite } from './types.ts';

/** A write that is about to be sent, with what stands there. */
export interface Ready {
  readonly queued: QueuedWrite;
  readonly write: PlannedWrite;
  readonly image: RecordImage | null;
}

/** One that is kept as being sent. */
export interface Taken extends Ready {
  readonly attempt: number;
}

/** What is on its way. */
export interface Sending {
  readonly id: string;
  readonly batch: Batch;
  readonly writes: readonly Taken[];
  /** Of the agents whose writes they are. */
  readonly trials: Trials;
  /** When the transaction began that said that it may be sent (monotonic); null: it has to be asked. */
  readonly saidMs: number | null;
}

export const keyOf = ({ plan, item }: WriteKey): string => `${plan}/${String(item)}`;

export async function lockPlansOf(
  tx: Tx,
  { turn }: Pick<Turn, 'turn'>,
  writes: readonly { readonly queued: WriteKey }[],
): Promise<ReadonlyMap<string, WritePlanRow>> {
  const ids = [...new Set(writes.map(({ queued }) => queued.plan))];
  const rows = await lockPlansToSend(tx, turn.tenant, ids);
  return new Map(rows.map((row) => [row.id, row]));
}

export function requestOf(
  { deps, turn, worker, signal }: Turn,
  {
    id,
    batch,
    writes,
  }: Pick<Sending, 'id' | 'batch'> & {
    readonly writes: readonly { readonly write: PlannedWrite; readonly image: RecordImage | null }[];
  },
  { beforeSend, job }: { readonly beforeSend: () => Promise<void>; readonly job: JsonObject | null },
): WriteRequest {
  const { object, operation, form } = batch;
  const conditional = isConditional(batch);
  return {
    object,
    operation: asRecords(operation),
    form: form.name,
    items: writes.map(({ write, image }) => itemOf(write, conditional ? image : null)),
    beforeSend,
    onJob: (known) =>
      deps.db.tenantTx(
        turn.tenant,
        async (tx) => {
          await holdTurn(tx, { deps, turn, worker });
          await keepSendingJob(tx, turn.tenant, id, known);
        },
        'write.keep_job',
      ),
    job,
    signal,
  };
}

/** Whether the number of a sending's job is kept, and whether not keeping it may hide an effect. */
export interface JobKeeping {
  readonly onJob: WriteRequest['onJob'];
  readonly kept: () => boolean;
  /** It could not be kept after a call that may take effect: whatever is raised then does not say that nothing was sent. */
  readonly lost: () => boolean;
}

export function jobKeeping(onJob: WriteRequest['onJob'], mayHaveSent: () => boolean): JobKeeping {
  let state: 'none' | 'kept' | 'lost' = 'none';
  return {
    onJob: async (job) => {
      try {
        await onJob(job);
        state = 'kept';
      } catch (cause) {
        if (mayHaveSent()) state = 'lost';
        throw cause;
      }
    },
    kept: () => state === 'kept',
    lost: () => state === 'lost',
  };
}

export const itemOf = (write: PlannedWrite, image: RecordImage | null): WriteItem => ({
  key: write.key,
  recordId: write.recordId,
  values: write.values,
  match: write.match,
  ifVersion: image?.version ?? null,
});
