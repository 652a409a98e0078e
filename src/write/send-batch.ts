import type { AuditEntry } from '../audit/index.ts';
import type { WriteOutcome } from '../connectors/index.ts';
import { canonicalJson, contentHash, limits, toGantryError, type JsonObject } from '../kernel/index.ts';
import {
  advanceWritePlans,
  openSwitches,
  takeWrites,
  type QueuedWrite,
  type Tx,
  type WritePlanRow,
} from '../store/index.ts';
import type { TrialEnd } from '../policy/index.ts';
import { stopAmong, type Stop } from '../switches/index.ts';
import { isConditional, type Batch } from './batch.ts';
import { stopped } from './commit.ts';
import { agentOf, writeEntry } from './entries.ts';
import { grouped } from './grouped.ts';
import { keepAfter } from './keep-after.ts';
import { holdBack, keepConflicts, keepOutcomes, type Conflict } from './keep-outcomes.ts';
import { fieldsOf, ofFields, readStandings } from './images.ts';
import { maySend } from './may-send.ts';
import { asRecords } from './new-fields/writes-for.ts';
import { operationsOf } from './operations-of.ts';
import { asJson, contentOf, writeOf } from './plan-row.ts';
import { actBy, isGone } from './persons-undo.ts';
import { nextPlanState } from './plan-state.ts';
import { fieldsAsked, lostSince, rightsQuestions, seenOf } from './rights-lost.ts';
import { jobKeeping, keyOf, lockPlansOf, requestOf, type Ready, type Sending, type Taken } from './sending.ts';
import { endConflicts } from './send-back.ts';
import type { PlannedWrite } from './types.ts';
import { broughtBack } from './undo/brought-back.ts';
import { trialOver, type Trials } from './trial-over.ts';
import { holdTurnWorking, turnLost, type Turn } from './turn.ts';

/**
 * Reads what stands there, asks once more for rights, keeps what is about to
 * happen, sends, and keeps what became of it. A process that ends anywhere in
 * between leaves behind what the next one can find out.
 */
export async function sendBatch(turn: Turn, batch: Batch): Promise<void> {
  let left = await withoutErased(turn, batch.writes);
  while (left.length > 0 && !turn.signal.aborted) {
    const readMs = turn.deps.clock.monotonicMs();
    let ready: readonly Ready[];
    try {
      ready = await readyWrites(turn, { ...batch, writes: left });
    } catch (cause) {
      if (cause === turnLost) throw cause;
      return holdBack(turn, left, toGantryError(cause));
    }
    left = await sendWhileGood(turn, batch, { ready, readMs });
  }
}

/**
 * Sends as long as the reading is good, and once in any case; what is left is to be read again. Singles of a slow system
 * go one after the other for minutes, in which people change records and rights are taken away: where the system itself
 * does not look whether a record is as it was, nobody else would.
 */
async function sendWhileGood(
  turn: Turn,
  batch: Batch,
  { ready, readMs }: { readonly ready: readonly Ready[]; readonly readMs: number },
): Promise<readonly QueuedWrite[]> {
  const { clock } = turn.deps;
  const isGood = (): boolean => isConditional(batch) || clock.monotonicMs() - readMs <= limits.writeReadingWithinMs;
  const size = batch.form.recordsMax;
  let at = 0;
  for (; at < ready.length && !turn.signal.aborted && (at === 0 || isGood()); at += size) {
    const sending = await take(turn, batch, ready.slice(at, at + size));
    if (sending.writes.length > 0) await sendOut(turn, sending);
  }
  return ready.slice(at).map(({ queued }) => queued);
}

/** A person's erasure and somebody who sends a failed write again may pass each other: what is empty by now goes nowhere. */
async function withoutErased(turn: Turn, writes: readonly QueuedWrite[]): Promise<readonly QueuedWrite[]> {
  const [erased, left] = [writes.filter(isGone), writes.filter((queued) => !isGone(queued))];
  const why = { code: 'erased', why: null, image: null };
  if (erased.length > 0) {
    await keepConflicts(
      turn,
      erased.map((queued) => ({ queued, write: writeOf(queued.content), ...why })),
    );
  }
  return left;
}

/** Ends what may not be sent, and returns the rest. */
async function readyWrites(turn: Turn, batch: Batch): Promise<Ready[]> {
  const { target, object, operation, writes } = batch;
  const planned = writes.map(({ content }) => writeOf(content));
  const questions = rightsQuestions(turn, batch);
  const asked = asRecords(operation) === 'create' ? null : await fieldsAsked(turn, questions);
  const seen = asked === null ? null : await readStandings(target.writes, object, planned, asked);
  const lost = await lostSince(turn, questions, seen === null ? new Map() : seenOf(seen));
  // What rights alone were asked about is no part of what is kept of the record.
  const standings = seen === null ? null : ofFields(seen, fieldsOf(object, planned));
  const back = await restoredAlready(turn, batch, planned);
  const ready: Ready[] = [];
  const conflicts: Conflict[] = [];
  for (const [index, queued] of writes.entries()) {
    const write = planned[index];
    if (write === undefined) continue;
    const standing = standings?.get(write.key) ?? { kind: 'ready', image: null };
    const gone = lost.get(write.key);
    if (gone !== undefined) conflicts.push({ queued, write, ...gone, image: null });
    else if (write.restores !== undefined && back.has(write.restores)) {
      conflicts.push({ queued, write, code: 'restored_already', why: null, image: null });
    } else if (standing.kind === 'conflict') {
      conflicts.push({ queued, write, code: standing.code, why: null, image: standing.image });
    } else ready.push({ queued, write, image: standing.image });
  }
  if (conflicts.length > 0) await endConflicts(turn, conflicts);
  return ready;
}

/** Deleted records that another write has brought back since these were planned: a second one would stand beside it. */
async function restoredAlready(
  { deps, turn: { tenant, connection } }: Turn,
  { target, object }: Batch,
  planned: readonly PlannedWrite[],
): Promise<ReadonlySet<string>> {
  const deleted = planned.flatMap(({ restores }) => (restores === undefined ? [] : [restores]));
  if (target.writes === null || deleted.length === 0) return new Set();
  return broughtBack(deps.db, tenant, { connection, deleted, reached: { writes: target.writes, object } });
}

/** Keeps that they are about to be sent. Those of plans that were stopped meanwhile, or that a switch stops, stay behind. */
async function take(turn: Turn, batch: Batch, ready: readonly Ready[]): Promise<Sending> {
  const { deps } = turn;
  const id = `snd_${Buffer.from(deps.random.bytes(12)).toString('base64url')}`;
  const facts = await factsNow(turn, ready);
  const startMs = deps.clock.monotonicMs();
  const {
    writes,
    held,
    stop,
    fallen,
    maySend: said,
  } = await deps.db.tenantTx(
    turn.turn.tenant,
    (tx) => keepAttempt(tx, turn, { id, batch, ready, facts }),
    'write.keep_attempt',
  );
  if (stop !== null) {
    await holdBack(
      turn,
      held.map(({ queued }) => queued),
      stopped(stop),
    );
  }
  if (fallen.length > 0) {
    await endConflicts(
      turn,
      fallen.map(({ ready: { queued, write, image }, why, code }) => ({ queued, write, image, why, code })),
    );
  }
  return { id, batch, writes, trials: facts.trials, saidMs: said ? startMs : null };
}

/** By agent. Within the transaction nothing else can be read. */
interface Facts {
  /** Of the rules in force. */
  readonly versions: ReadonlyMap<string, string>;
  readonly trials: Trials;
}

async function factsNow({ deps, turn }: Turn, ready: readonly Ready[]): Promise<Facts> {
  const versions = new Map<string, string>();
  const trials = new Map<string, TrialEnd>();
  for (const agent of new Set(ready.map(({ queued }) => queued.agent))) {
    const { policyVersion, trial = null } = await deps.factsOf(turn.tenant, agent);
    versions.set(agent, policyVersion);
    if (trial !== null) trials.set(agent, trial);
  }
  return { versions, trials };
}

interface Attempt {
  readonly id: string;
  readonly batch: Batch;
  readonly ready: readonly Ready[];
  readonly facts: Facts;
}

async function keepAttempt(tx: Tx, turn: Turn, { id, batch, ready, facts }: Attempt): Promise<Kept> {
  const { tenant } = turn.turn;
  const plans = await lockPlansOf(tx, turn, ready);
  const works = await holdTurnWorking(tx, turn);
  const chosen = await choose(tx, turn, { ready, plans, facts });
  if (chosen.free.length === 0) return { ...chosen, writes: [], maySend: false };
  const rows = chosen.free.map(({ queued: { plan, item }, write, image }) => ({
    plan,
    item,
    before: image === null ? null : asJson(image),
    payloadHash: contentHash(canonicalJson({ ...write.values })),
  }));
  const { object, operation, form, target } = batch;
  const { principal } = target;
  const sending = { id, object: object.name, operation, form: form.name, principal };
  const moved = await takeWrites(tx, turn.turn, { sending, state: 'sending', writes: rows });
  const attempts = new Map(moved.map((each) => [keyOf(each), each.attempt]));
  const writes: Taken[] = [];
  for (const each of chosen.free) {
    const attempt = attempts.get(keyOf(each.queued));
    if (attempt !== undefined) writes.push({ ...each, attempt });
  }
  await begin(tx, turn, plans, writes);
  await turn.deps.audit(tx, tenant, attemptedEntries(plans, writes, { sending: id, form: form.name }));
  const inTime = writes.every(({ queued }) => queued.deadlineAt > tx.now);
  return { ...chosen, writes, maySend: works && inTime };
}

interface Kept extends Chosen {
  readonly writes: readonly Taken[];
  /** All that is asked right before a send was asked here, and nothing stands in the way. */
  readonly maySend: boolean;
}

interface Chosen {
  readonly free: readonly Ready[];
  /** Switched off, by `stop`. */
  readonly held: readonly Ready[];
  readonly stop: Stop | null;
  /** What was approved may not be carried out any more, or whose trial it is of is over. */
  readonly fallen: readonly Fallen[];
}

interface Fallen {
  readonly ready: Ready;
  readonly code: 'approval_fallen' | 'trial_ended';
  readonly why: string;
}

async function choose(
  tx: Tx,
  turn: Turn,
  {
    ready,
    plans,
    facts: { versions, trials },
  }: Pick<Attempt, 'ready' | 'facts'> & { readonly plans: ReadonlyMap<string, WritePlanRow> },
): Promise<Chosen> {
  const free: Ready[] = [];
  const held: Ready[] = [];
  const fallen: Fallen[] = [];
  let stop: Stop | null = null;
  const switches = await openSwitches(tx, turn.turn.tenant);
  for (const [plan, own] of grouped(ready, ({ queued }) => queued.plan)) {
    const row = plans.get(plan);
    const [first] = own;
    if (row === undefined || first === undefined || !isGoing(row)) continue;
    const { intent, object, operation } = first.queued;
    const operations = operationsOf(operation, intent);
    const act = { connection: turn.connection.slug, object, operations, ...actBy(first.queued, first.write) };
    const ended = trialOver(trials, first.queued, { write: first.write, now: tx.now });
    if (ended !== null) {
      fallen.push(...own.map((each) => ({ ready: each, code: 'trial_ended' as const, why: ended })));
      continue;
    }
    // An approval holds for taking back what was sent under it, whatever has become of it since.
    const back = row.state === 'taking_back';
    const why = back ? null : await fallenWhy(tx, turn, { row, policyVersion: versions.get(row.agent) ?? null });
    if (why !== null) {
      fallen.push(...own.map((each) => ({ ready: each, code: 'approval_fallen' as const, why })));
      continue;
    }
    const against = stopAmong(switches, 'send', act);
    if (against === null) free.push(...own);
    else {
      stop = against;
      held.push(...own);
    }
  }
  return { free, held, stop, fallen };
}

/** What is sent of a plan that is taken back takes it back. */
const isGoing = ({ state }: WritePlanRow): boolean => ['queued', 'running', 'taking_back'].includes(state);

/** Deciders may have lost their role, and rules may be others, since they decided. */
async function fallenWhy(
  tx: Tx,
  { deps, turn }: Turn,
  { row, policyVersion }: { readonly row: WritePlanRow; readonly policyVersion: string | null },
): Promise<string | null> {
  if (!row.approved) return null;
  if (deps.approvals === null || policyVersion === null) return 'nobody can say whether that still holds';
  const { id: plan, payloadHash } = row;
  return deps.approvals.fallen(tx, { tenant: turn.tenant, plan, payloadHash, policyVersion });
}

async function begin(
  tx: Tx,
  { turn }: Turn,
  plans: ReadonlyMap<string, WritePlanRow>,
  taken: readonly Taken[],
): Promise<void> {
  const ids = [...new Set(taken.map(({ queued }) => queued.plan))].filter((id) => plans.get(id)?.state === 'queued');
  const state = nextPlanState('queued', 'begun');
  if (ids.length > 0 && state !== null) await advanceWritePlans(tx, turn.tenant, ids, { state, endedAt: null });
}

function attemptedEntries(
  plans: ReadonlyMap<string, WritePlanRow>,
  taken: readonly Taken[],
  sent: { readonly sending: string; readonly form: string },
): AuditEntry[] {
  return taken.flatMap(({ queued, write, image, attempt }) => {
    const row = plans.get(queued.plan);
    if (row === undefined) return [];
    const detail = {
      attempt,
      ...sent,
      changes: write.changes.map(asJson),
      before: image === null ? null : { version: image.version, values: image.values },
      ...(contentOf(row).intent.intent === undefined ? {} : { intent: contentOf(row).intent.intent ?? null }),
    } satisfies JsonObject;
    const told = { ...write, plan: queued.plan };
    return [writeEntry('write_attempted', told, { actor: agentOf(row), recordId: queued.recordId, detail })];
  });
}

/** From here on it may take effect. */
async function sendOut(turn: Turn, sending: Sending): Promise<void> {
  const { batch, writes } = sending;
  const { trials, saidMs } = sending;
  const gate = maySend(turn, { writes: writes.map(({ queued }) => queued), trials, saidMs });
  const request = requestOf(turn, sending, { beforeSend: gate.ask, job: null });
  const job = jobKeeping(request.onJob, gate.opened);
  let outcomes: readonly WriteOutcome[];
  try {
    outcomes = await batch.target.writes.send({ ...request, onJob: job.onJob });
  } catch (cause) {
    // Nothing left where the gate never opened; else only what connectors raise by contract says so, not what we raised there.
    const error = toGantryError(cause);
    const surelyNot = !gate.opened() || (error.code !== 'internal' && !job.lost());
    if (!surelyNot) return keepOutcomes(turn, sending, { kind: 'all_unknown', cause, jobKept: job.kept() });
    return keepOutcomes(turn, sending, { kind: 'not_sent', error });
  }
  const jobKept = job.kept();
  if (outcomes.length !== writes.length) {
    return keepOutcomes(turn, sending, { kind: 'all_unknown', cause: null, jobKept });
  }
  await keepOutcomes(turn, sending, { kind: 'outcomes', outcomes, jobKept });
  await keepAfter(turn, sending, outcomes);
}
