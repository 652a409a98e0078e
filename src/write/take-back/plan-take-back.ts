import type { AuditEntry } from '../../audit/index.ts';
import { limits, toGantryError } from '../../kernel/index.ts';
import {
  addWrites,
  dueTakeBacks,
  lastNumbers,
  lockWritePlans,
  moveTakeBack,
  readJournal,
  readTakeBacks,
  readWritePlan,
  takeBacksOf,
  type TakeBackRow,
  type Tx,
  type WritePlanRow,
} from '../../store/index.ts';
import { gantry, planEntry } from '../entries.ts';
import { grouped } from '../grouped.ts';
import { followPlans, releaseStep } from '../move-plan.ts';
import { isErased, writeOf, writeRows } from '../plan-row.ts';
import { holdTurn, turnLost, type Turn } from '../turn.ts';
import type { PlannedWrite } from '../types.ts';
import { joinRestored } from '../undo/brought-back.ts';
import { chainsOf, NO_RECORD, recordOf } from '../undo/chain.ts';
import type { RecordVerdict } from '../undo/compare.ts';
import { compareAll, reach } from '../undo/plan-undo.ts';
import type { Reached } from '../undo/types.ts';
import { undoWrite } from '../undo/undo-plan.ts';
import { endStep } from './follow-take-back.ts';
import { remainOf, remainsJson, takeBackOf, type Remain, type TakeBack } from './remain.ts';
import { nextTakeBackState } from './take-back-state.ts';

type OwnTurn = Pick<Turn, 'deps' | 'turn' | 'worker' | 'signal'>;

/** Steps of which it is to be looked now what stands there: their taking back is put into the queue. */
export async function takeBackDue(turn: OwnTurn): Promise<void> {
  const { deps } = turn;
  const due = await deps.db.tenantRead(turn.turn.tenant, (tx) => dueTakeBacks(tx, turn.turn, STEPS_PER_LOOK));
  for (const row of due) {
    if (turn.signal.aborted) return;
    await takeBackStep(turn, row);
  }
}

const STEPS_PER_LOOK = 20;

async function takeBackStep(turn: OwnTurn, due: TakeBackRow): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  let compared: Compared;
  try {
    compared = await compareStep(turn, due);
  } catch (cause) {
    if (cause === turnLost) throw cause;
    return lookLater(turn, due, cause);
  }
  await deps.db.tenantTx(tenant, (tx) => keepCompared(tx, turn, due, compared), 'write.take_back');
}

/** What stands there now of everything that a step wrote. */
interface Compared {
  readonly verdicts: readonly RecordVerdict[];
  /** By connection and object. */
  readonly reached: ReadonlyMap<string, Reached>;
  /** Of a person who asked for it nothing is left to compare with. */
  readonly erased: readonly number[];
  /** Nobody said under which id they made their records. */
  readonly unnamed: readonly number[];
}

async function compareStep({ deps, turn: { tenant } }: OwnTurn, { plan, step }: TakeBackRow): Promise<Compared> {
  const { principal, rows } = await deps.db.tenantRead(tenant, async (tx) => ({
    principal: (await readWritePlan(tx, tenant, plan))?.principal ?? null,
    rows: await readJournal(tx, tenant, { plans: [plan], item: null, limit: limits.undoWritesMax * 2 }),
  }));
  // With what an earlier try to take it back has written since: together they are what was done to a record.
  const own = rows
    .toReversed()
    .filter(({ state }) => state === 'succeeded')
    .filter(({ content }) => {
      const write = writeOf(content);
      return (write.takesBack?.step ?? write.step) === step;
    });
  const erased = own.filter(({ content }) => isErased(content)).map(({ item }) => item);
  const unnamed = own.filter((row) => !isErased(row.content) && recordOf(row) === null).map(({ item }) => item);
  const chains = joinRestored(chainsOf(own.filter(({ content }) => !isErased(content))));
  const verdicts: RecordVerdict[] = [];
  const reached = new Map<string, Reached>();
  for (const [place, some] of grouped(chains, ({ connection, object }) => `${String(connection)} ${object}`)) {
    const there = await reach(deps, tenant, { chains: some, principal });
    reached.set(place, there);
    verdicts.push(...(await compareAll(deps, tenant, some, { reached: there, sightOf: undefined })));
  }
  return { verdicts, reached, erased, unnamed };
}

/** Nothing where somebody else did it, or a person ended it, since it was looked at. */
async function keepCompared(tx: Tx, turn: OwnTurn, due: TakeBackRow, compared: Compared): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const locked = await lockStep(tx, turn, due);
  if (locked === null) return;
  const { row, each } = locked;
  const last = await lastNumbers(tx, tenant, row.id);
  const writeStep = last.step + 1;
  const writes = writesOf(row, each, { ...compared, from: last.item + 1, writeStep });
  const remains = remainsOf(compared);
  const entries: AuditEntry[] = [];
  if (writes.length === 0) {
    const event = remains.length === 0 ? 'bare' : 'stuck';
    await endStep(tx, tenant, { row, each, event, remains, entries });
    await followPlans(tx, tenant, [row], entries);
  } else {
    const state = nextTakeBackState(each.state, 'planned');
    const { plan, step } = each;
    const kept = remainsJson(remains);
    await moveTakeBack(tx, tenant, { plan, step, state, writeStep, remains: kept, dueAt: null, deadlineAt: null });
    await addWrites(tx, tenant, plan, { writes: writeRows({ writes }), planned: 'planned' });
    const detail = { step, writes: writes.length, remains: kept };
    entries.push(planEntry('step_turned_back', row, { actor: gantry, detail }));
    if (await releaseStep(tx, tenant, plan, writeStep)) await followPlans(tx, tenant, [row], entries);
  }
  await deps.audit(tx, tenant, entries);
}

async function lockStep(
  tx: Tx,
  turn: OwnTurn,
  { plan, step }: TakeBackRow,
): Promise<{ readonly row: WritePlanRow; readonly each: TakeBack } | null> {
  const { tenant } = turn.turn;
  const [row] = await lockWritePlans(tx, tenant, [plan]);
  await holdTurn(tx, turn);
  const each = (await readTakeBacks(tx, tenant, plan)).map(takeBackOf).find((one) => one.step === step);
  return row === undefined || each?.state !== 'comparing' ? null : { row, each };
}

/** What others have changed since stays: writes take back the rest. */
function writesOf(
  { id }: Pick<WritePlanRow, 'id'>,
  { step }: TakeBack,
  { verdicts, reached, from, writeStep }: Compared & { readonly from: number; readonly writeStep: number },
): PlannedWrite[] {
  const writes: PlannedWrite[] = [];
  for (const verdict of verdicts) {
    const item = from + writes.length;
    const place = { item, key: `${id.slice('plan_'.length)}-${String(item)}` };
    const write = undoWrite({ reached, conflicts: 'leave' }, verdict, place);
    const items = verdict.chain.writes.map((each) => each.item);
    if (write !== null) writes.push({ ...write, step: writeStep, takesBack: { step, items } });
  }
  return writes;
}

function remainsOf({ verdicts, erased, unnamed }: Compared): Remain[] {
  const without = (items: readonly number[], why: string): Remain[] =>
    items.length === 0 ? [] : [{ items, code: 'impossible', why }];
  return [
    ...verdicts.flatMap((verdict) => remainOf(verdict) ?? []),
    ...without(erased, 'What a write said was erased.'),
    ...without(unnamed, NO_RECORD),
  ];
}

/** The system cannot be asked now: again in a while, and when its time is over a person has to look. */
async function lookLater(turn: OwnTurn, due: TakeBackRow, cause: unknown): Promise<void> {
  const { deps } = turn;
  const { tenant, connection } = turn.turn;
  const error = toGantryError(cause);
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const locked = await lockStep(tx, turn, due);
      if (locked === null) return;
      const { plan, step, deadlineAt } = locked.each;
      if (deadlineAt !== null && deadlineAt <= tx.now) {
        await giveUp(tx, turn, locked, 'its system could not be asked in time.');
        return;
      }
      const least = tx.now.getTime() + limits.writeUnreachableMs;
      const dueAt = new Date(Math.max(least, error.details.retryAt?.getTime() ?? 0));
      await moveTakeBack(tx, tenant, {
        plan,
        step,
        state: locked.each.state,
        writeStep: null,
        remains: [],
        dueAt,
        deadlineAt,
      });
    },
    'write.take_back_later',
  );
  deps.onEvent({ kind: 'writes_held', tenant, connection, records: 0, code: error.code, cause });
}

async function giveUp(
  tx: Tx,
  { deps, turn: { tenant } }: OwnTurn,
  { row, each }: { readonly row: WritePlanRow; readonly each: TakeBack },
  why: string,
): Promise<void> {
  const entries: AuditEntry[] = [];
  const remains: Remain[] = [{ items: [], code: 'not_compared', why: `Nobody could look what stands there: ${why}` }];
  await endStep(tx, tenant, { row, each, event: 'stuck', remains, entries });
  await followPlans(tx, tenant, [row], entries);
  await deps.audit(tx, tenant, entries);
}

/** The connection was ended: nobody can look any more what stands there. */
export async function takeBackGone(turn: OwnTurn): Promise<void> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const rows = await deps.db.tenantRead(tenant, (tx) => takeBacksOf(tx, turn.turn, limits.plansListedMax));
  for (const row of rows) {
    await deps.db.tenantTx(
      tenant,
      async (tx) => {
        const locked = await lockStep(tx, turn, row);
        if (locked !== null) await giveUp(tx, turn, locked, 'its connection was ended.');
      },
      'write.take_back_gone',
    );
  }
}
