import type { WriteOutcome } from '../connectors/index.ts';
import { keepAfterImages } from '../store/index.ts';
import { fieldsAfter, imagesOf, withoutOthers } from './images.ts';
import { asJson } from './plan-row.ts';
import type { Sending } from './sending.ts';
import { holdTurn, turnLost, type Turn } from './turn.ts';

/**
 * What stands there after the send, as the provider spells it: undoing compares
 * with it. Where it cannot be read, or somebody has changed it before it was
 * read, what was sent stands for it.
 */
export async function keepAfter(turn: Turn, sending: Sending, outcomes: readonly WriteOutcome[]): Promise<void> {
  const { deps, turn: held } = turn;
  const { batch, writes, id } = sending;
  if (batch.operation === 'delete' || batch.operation === 'create_field') return;
  const applied = writes.flatMap(({ queued, write }, index) => {
    const outcome = outcomes[index];
    return outcome?.kind === 'applied' ? [{ queued, write, recordId: outcome.recordId }] : [];
  });
  if (applied.length === 0) return;
  try {
    const ids = applied.map(({ recordId }) => recordId);
    const fields = fieldsAfter(
      batch.object,
      applied.map(({ write }) => write),
    );
    const images = await imagesOf(batch.target.writes, batch.object, ids, fields);
    const { object, target } = batch;
    const kept = applied.flatMap(({ queued: { plan, item }, write, recordId }) => {
      const image = images.get(recordId);
      if (image === undefined || image.missing) return [];
      return [{ plan, item, after: asJson(withoutOthers(write, image, { object, session: target.writes })) }];
    });
    await deps.db.tenantTx(
      held.tenant,
      async (tx) => {
        await holdTurn(tx, turn);
        await keepAfterImages(tx, held.tenant, id, kept);
      },
      'write.keep_after',
    );
  } catch (cause) {
    if (cause === turnLost) throw cause;
    const { tenant, connection } = held;
    deps.onEvent({ kind: 'after_images_missing', tenant, connection, records: applied.length, cause });
  }
}
