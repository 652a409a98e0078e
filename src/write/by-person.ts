import type { AuditEntry } from '../audit/index.ts';
import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import {
  lockWritePlans,
  moveWrites,
  queueAgain,
  readJournal,
  wantWriteTurn,
  type JournalRow,
  type Tx,
  type WritePlanRow,
} from '../store/index.ts';
import type { WriteActor, WriteDeps } from './deps.ts';
import { writeEntry } from './entries.ts';
import { followPlans, movePlan, planUnknown } from './move-plan.ts';
import { moveOf } from './outcome-move.ts';
import { isGone } from './persons-undo.ts';
import { asJson, contentOf, writeOf } from './plan-row.ts';
import { readBack } from './read-back.ts';
import { statusOf } from './plan-status.ts';
import { writeStatesBefore, type WriteEvent, type WriteState } from './write-state.ts';
import type { PlanStatus } from './types.ts';

/**
 * What a person found out about a write that nobody can tell of by reading, or
 * wants done with one that failed.
 *
 * - applied: it stands there, as record `recordId`, which is needed of one that the write made
 * - not_applied: it does not, and shall not
 * - send_again: it does not, and shall; behind everything that was accepted since
 */
export type PersonsWord =
  | { readonly kind: 'applied'; readonly recordId: string | null }
  | { readonly kind: 'not_applied' }
  | { readonly kind: 'send_again' };

const events = {
  applied: 'said_applied',
  not_applied: 'said_failed',
  send_again: 'sent_again',
} as const satisfies Record<PersonsWord['kind'], WriteEvent>;

/** Raises `write_plan_unknown`, `write_unknown`, `write_state_conflict`, `write_erased`. */
export async function settleByPerson(
  deps: WriteDeps,
  tenant: TenantId,
  { plan: id, item }: { readonly plan: string; readonly item: number },
  said: { readonly word: PersonsWord; readonly who: WriteActor; readonly reason: string | null },
): Promise<PlanStatus> {
  const status = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const [row] = await lockWritePlans(tx, tenant, [id]);
      if (row === undefined) throw planUnknown(id);
      const [write] = await readJournal(tx, tenant, { plans: [id], item, limit: 1 });
      if (write === undefined) {
        throw new GantryError('write_unknown', { message: `The plan has no write ${String(item)}.`, where: id });
      }
      const event = events[said.word.kind];
      if (!writeStatesBefore(event).includes(write.state as WriteState)) throw notNow(write);
      if (event === 'sent_again' && isGoneOf(row, write)) throw nothingLeft(write);
      if (event === 'sent_again' && write.state === 'failed') refuseTakenBack(row);
      if (said.word.kind === 'applied' && (said.word.recordId ?? write.recordId) === null) throw recordMissing(write);
      const moved = await apply(tx, tenant, { row, write, said: said.word });
      const planned = writeOf(write.content);
      const detail = {
        said: said.word.kind,
        was: write.state,
        why: said.reason,
        changes: planned.changes.map(asJson),
      };
      const recordId = said.word.kind === 'applied' ? (said.word.recordId ?? write.recordId) : write.recordId;
      const entries: AuditEntry[] = [
        writeEntry('write_settled', { ...planned, plan: id }, { actor: said.who, recordId, detail }),
      ];
      await followPlans(tx, tenant, [moved], entries);
      const now = await statusOf(tx, tenant, id, { from: item, limit: 1 });
      await deps.audit(tx, tenant, entries);
      return now;
    },
    'write.settle_by_person',
  );
  if (status === null) throw planUnknown(id);
  return status;
}

async function apply(
  tx: Tx,
  tenant: TenantId,
  { row, write, said }: { readonly row: WritePlanRow; readonly write: JournalRow; readonly said: PersonsWord },
): Promise<WritePlanRow> {
  const { plan, item, connection, state } = write;
  if (said.kind === 'send_again') {
    const deadlineAt = new Date(tx.now.getTime() + limits.writeDeadlineMs);
    const from = writeStatesBefore('sent_again');
    if (!(await queueAgain(tx, tenant, { plan, item, connection }, { state: 'queued', from, deadlineAt })))
      throw notNow(write);
    await wantWriteTurn(tx, { tenant, connection }, tx.now);
    return (await movePlan(tx, tenant, row, 'reopened', { reason: row.reason })) ?? row;
  }
  const recordId = said.kind === 'applied' ? said.recordId : null;
  const event = { event: events[said.kind], code: 'said', recordId, afterMs: null };
  const move = moveOf(write, state as WriteState, event, { now: tx.now, outcome: null });
  await moveWrites(tx, tenant, { sending: null, from: [state], moves: [move] });
  if (said.kind === 'applied') await readBack(tx, { tenant, connection }, write.object);
  return row;
}

/** Where a failed step has what was written before taken back, the step alone would be half of what was asked for. */
function refuseTakenBack(row: WritePlanRow): void {
  if (contentOf(row).onFailure !== 'take_back') return;
  throw new GantryError('write_state_conflict', {
    message: 'The plan takes back what it wrote where a step fails: a failed write of it is not sent again alone.',
    where: row.id,
    fix: 'Have the whole prepared anew.',
  });
}

/** Later steps are filled with the record's id, and an undo finds the record by it. */
const recordMissing = ({ plan, item }: JournalRow): GantryError =>
  new GantryError('write_state_conflict', {
    message: `Write ${String(item)} makes something new: that it stands there is not said without its id.`,
    where: plan,
    fix: 'Give the id of the record there as `record` (`--record ID`); of a new field, its name.',
  });

const isGoneOf = (row: WritePlanRow, { content }: JournalRow): boolean =>
  isGone({ content, principal: row.principal, intent: contentOf(row).intent.intent ?? null });

const nothingLeft = ({ plan, item }: JournalRow): GantryError =>
  new GantryError('write_erased', {
    message: `What write ${String(item)} said, or whose it was, was erased: nothing of it is left to be sent again.`,
    where: plan,
  });

const notNow = ({ plan, item, state }: JournalRow): GantryError =>
  new GantryError('write_state_conflict', {
    message: `Write ${String(item)} is ${state}: there is nothing for a person to say about it.`,
    where: plan,
  });
