import type { AuditEntry } from '../audit/index.ts';
import { limits } from '../kernel/index.ts';
import {
  endSendingsOf,
  endWritesTo,
  lockWritePlans,
  plansWritingTo,
  readWriteContents,
  type ConnectionRow,
  type Tx,
  type WriteKey,
} from '../store/index.ts';
import type { ConnectionState } from '../connection/index.ts';
import { gantry, writeEntry } from './entries.ts';
import { followPlans } from './move-plan.ts';
import { asJson, writeOf } from './plan-row.ts';
import { keyOf } from './sending.ts';
import { takeBackGone } from './take-back/plan-take-back.ts';
import { holdTurn, type Turn } from './turn.ts';
import { nextWriteState, writeStatesBefore, type WriteEvent, type WriteState } from './write-state.ts';

/** Nobody can write there any more, and what was left open must not wait for it. A pause passes, or the deadline does. */
export const isGone = (row: ConnectionRow | null): boolean => row === null || gone.has(row.state as ConnectionState);

const gone: ReadonlySet<ConnectionState> = new Set(['revoked', 'deleted']);

/**
 * Ends what was accepted for a connection that was ended. What was not sent
 * never will be; of what perhaps was, nobody can ask the system any more, so
 * that a person has to say.
 */
export async function endGone(turn: Pick<Turn, 'deps' | 'turn' | 'worker' | 'signal'>): Promise<void> {
  const { deps } = turn;
  const { tenant, connection } = turn.turn;
  while (!turn.signal.aborted) {
    const ids = await deps.db.tenantRead(tenant, (tx) => plansWritingTo(tx, turn.turn, limits.writesPerLookMax));
    if (ids.length === 0) break;
    const unknown = await deps.db.tenantTx(tenant, (tx) => end(tx, turn, ids), 'write.end_gone');
    if (unknown > 0) deps.onEvent({ kind: 'writes_need_human', tenant, connection, records: unknown });
  }
  if (!turn.signal.aborted) await takeBackGone(turn);
}

async function end(tx: Tx, turn: Pick<Turn, 'deps' | 'turn' | 'worker'>, ids: readonly string[]): Promise<number> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const plans = await lockWritePlans(tx, tenant, ids);
  await holdTurn(tx, turn);
  const cancelled = await endWritesTo(tx, turn.turn, {
    plans: ids,
    state: stateAfter('queued', 'cancelled'),
    endedAt: tx.now,
    code: 'connection_gone',
    from: writeStatesBefore('cancelled'),
  });
  const unknown = await endWritesTo(tx, turn.turn, {
    plans: ids,
    state: stateAfter('outcome_unknown', 'given_up'),
    endedAt: null,
    code: 'unclear',
    from: [...new Set([...writeStatesBefore('lost'), ...writeStatesBefore('given_up')])],
  });
  await endSendingsOf(tx, turn.turn);
  const told = [
    ...(await entriesOf(tx, turn, cancelled, 'write_ended')),
    ...(await entriesOf(tx, turn, unknown, 'write_unknown')),
  ];
  for (const { id, records } of plans) {
    const unsent = cancelled.filter(({ plan }) => plan === id).length === records;
    if (!unsent) continue;
    await deps.rules.dropped(tx, tenant, id);
    await deps.approvals?.close(tx, { tenant, plan: id, why: 'connection_gone' });
  }
  await followPlans(tx, tenant, plans, told);
  await deps.audit(tx, tenant, told);
  return unknown.length;
}

async function entriesOf(
  tx: Tx,
  { turn: { tenant } }: Pick<Turn, 'turn'>,
  writes: readonly WriteKey[],
  kind: 'write_ended' | 'write_unknown',
): Promise<AuditEntry[]> {
  const keys = new Set(writes.map(keyOf));
  const entries: AuditEntry[] = [];
  for (const plan of new Set(writes.map((each) => each.plan))) {
    for (const { item, content } of await readWriteContents(tx, tenant, plan)) {
      if (!keys.has(keyOf({ plan, item }))) continue;
      const write = writeOf(content);
      const detail = { code: 'connection_gone', changes: write.changes.map(asJson) };
      entries.push(writeEntry(kind, { ...write, plan }, { actor: gantry, recordId: null, detail }));
    }
  }
  return entries;
}

function stateAfter(state: WriteState, event: WriteEvent): WriteState {
  const next = nextWriteState(state, event);
  if (next === null) throw new Error(`a write in state ${state} cannot be ${event}`);
  return next;
}
