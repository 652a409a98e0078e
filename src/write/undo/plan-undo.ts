import type { RecordImage, WriteOperation } from '../../connectors/index.ts';
import { GantryError, limits, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  plansAccepted,
  readJournal,
  readWritePlan,
  type JournalRow,
  type Tx,
  type WritePlanRow,
} from '../../store/index.ts';
import { planUnknown } from '../move-plan.ts';
import { isOf } from '../commit.ts';
import type { WriteActor, WriteDeps } from '../deps.ts';
import { grouped } from '../grouped.ts';
import { imagesOf, writableFields } from '../images.ts';
import { keepPlan } from '../keep-plan.ts';
import { isErased, writeOf } from '../plan-row.ts';
import type { WritePlan } from '../types.ts';
import { broughtBack, joinRestored } from './brought-back.ts';
import { chainsOf, NO_RECORD, recordOf, type RecordChain } from './chain.ts';
import { amountOf } from './amount-taken-back.ts';
import { asSeen, compareRecord, unseen, whyUnseen, type RecordVerdict } from './compare.ts';
import { reportOf, type LeftOut, type UndoReport } from './report.ts';
import type { Sight, UndoSight } from './sight.ts';
import type { Reached, UndoRequest, UndoScope } from './types.ts';
import { undoPlan } from './undo-plan.ts';
import { withoutRefused } from './user-refusals.ts';

/** One plan per agent and user whose writes they were; null: nothing of theirs can be taken back, or it is a dry run. */
export interface PreparedUndo {
  readonly agent: string;
  readonly principal: string | null;
  readonly report: UndoReport;
  readonly plan: WritePlan | null;
}

/**
 * Compares what writes made of records with what stands there now, and makes
 * plans that take them back; like any plan they do nothing before they are
 * committed. Agents take back their own only. Raises `write_plan_unknown`,
 * `write_too_large`, `upstream_unavailable` where a system cannot be asked now.
 */
export async function prepareUndo(deps: WriteDeps, tenant: TenantId, request: UndoRequest): Promise<PreparedUndo[]> {
  const { plans, rows } = await deps.db.tenantRead(tenant, (tx) => collect(tx, tenant, request));
  const whose = grouped(plans, ({ agent, principal }) => JSON.stringify([agent, principal]));
  const prepared: PreparedUndo[] = [];
  for (const own of whose.values()) {
    const ids = new Set(own.map(({ id }) => id));
    const done = rows.filter(({ plan }) => ids.has(plan));
    if (done.length > 0) prepared.push(await prepareFor(deps, tenant, { ...request, plans: own, rows: done }));
  }
  return prepared;
}

interface Collected {
  readonly plans: readonly WritePlanRow[];
  /** The earliest first. */
  readonly rows: readonly JournalRow[];
}

async function collect(tx: Tx, tenant: TenantId, { scope, who }: UndoRequest): Promise<Collected> {
  const ids = scope.kind === 'time' ? await plansOf(tx, tenant, scope, who) : [scope.plan];
  const plans: WritePlanRow[] = [];
  for (const id of ids) {
    const row = await readWritePlan(tx, tenant, id);
    if (row === null || !isOf(row, who)) {
      if (scope.kind === 'time') continue;
      throw planUnknown(id);
    }
    plans.push(row);
  }
  const item = scope.kind === 'write' ? scope.item : null;
  const found = plans.map(({ id }) => id);
  // Cut off, it would take back the later part of what was done to a record, and leave it as it never was.
  const most = scope.kind === 'time' ? limits.undoWritesMax : limits.undoWritesMax * 2;
  const rows = await readJournal(tx, tenant, { plans: found, item, limit: most + 1 });
  if (rows.length > most || ids.length > limits.undoWritesMax) throw tooLarge(scope, most);
  return { plans, rows: rows.toReversed() };
}

function plansOf(
  tx: Tx,
  tenant: TenantId,
  { agent, from, to }: Extract<UndoScope, { kind: 'time' }>,
  who: WriteActor,
): Promise<string[]> {
  const own = who.kind === 'agent' ? { agent: who.agent, principal: who.principal } : { agent, principal: null };
  return plansAccepted(tx, tenant, { ...own, from, to, limit: limits.undoWritesMax + 1 });
}

const tooLarge = ({ kind }: UndoScope, most: number): GantryError =>
  new GantryError('write_too_large', {
    message: `More than ${most.toLocaleString('en')} writes were to be taken back; nothing was prepared.`,
    where: kind,
    fix:
      kind === 'time'
        ? 'Ask for a shorter time, the latest first, and when that is taken back for the one before.'
        : 'Ask for single writes of the plan.',
  });

type Preparing = UndoRequest & Collected;

async function prepareFor(deps: WriteDeps, tenant: TenantId, asked: Preparing): Promise<PreparedUndo> {
  const [first] = asked.plans;
  if (first === undefined) throw new Error('an undo of no plan');
  const { agent, principal } = first;
  const written = asked.rows.filter(
    ({ state, content }) => state === 'succeeded' && !isErased(content) && !madeField(content),
  );
  const chains = joinRestored(chainsOf(written));
  const leftOut = asked.rows.flatMap(leftOutOf);
  const verdicts: RecordVerdict[] = [];
  const reached = new Map<string, Reached>();
  for (const own of grouped(chains, ({ connection, object }) => `${String(connection)} ${object}`).values()) {
    const there = await reach(deps, tenant, { chains: own, principal });
    const [one] = own;
    if (one !== undefined) reached.set(`${String(one.connection)} ${one.object}`, there);
    const compared = await compareAll(deps, tenant, own, { reached: there, sightOf: asked.sight });
    const { conflicts } = asked;
    verdicts.push(...(await withoutRefused(deps, tenant, compared, { reached: there, principal, conflicts })));
  }
  const report = reportOf(verdicts, leftOut);
  const facts = await deps.factsOf(tenant, agent);
  const plan = undoPlan({
    asked,
    facts,
    agent,
    principal,
    verdicts,
    report,
    reached,
    writers: (await deps.writersOf?.(tenant)) ?? new Map(),
    amount: amountOf(asked.plans, verdicts, { reached, conflicts: asked.conflicts }),
    now: deps.clock.now(),
    random: deps.random,
  });
  if (plan === null || asked.dryRun) return { agent, principal, report, plan: null };
  const decision = await deps.rules.preview(tenant, plan.question);
  const kept = await keepPlan(deps, tenant, { ...plan, decision }, null, asked.who);
  return { agent, principal, report, plan: kept.plan };
}

const madeField = (content: JsonObject): boolean => writeOf(content).operation === 'create_field';

const FIELD_STAYS =
  'The field that was made stays: without it, what stands in it in any record would be gone. An administrator may remove it.';

function leftOutOf({ plan, item, state, recordId, content }: JournalRow): LeftOut[] {
  if (isErased(content)) return [{ plan, item, why: 'What it said was erased.' }];
  if (state === 'succeeded' && madeField(content)) return [{ plan, item, why: FIELD_STAYS }];
  if (state === 'succeeded')
    return recordOf({ recordId, content }) === null ? [{ plan, item, why: NO_RECORD, impossible: true }] : [];
  const unknown = ['sending', 'outcome_unknown', 'reconciling', 'needs_human'].includes(state);
  return [{ plan, item, why: unknown ? 'Nobody knows yet whether it was written.' : 'Nothing was written.' }];
}

/** A system as it can be asked now. Raises `upstream_unavailable`. */
export async function reach(
  deps: WriteDeps,
  tenant: TenantId,
  { chains, principal }: { readonly chains: readonly RecordChain[]; readonly principal: string | null },
): Promise<Reached> {
  const [first] = chains;
  if (first === undefined) throw new Error('no record to look at');
  const target = await deps.targetOf(tenant, first.connection, principal);
  const object = await target?.objectOf(first.object);
  if (target !== null && target.writes !== null && object !== null && object !== undefined) {
    return { signIn: target.principal, writes: target.writes, object };
  }
  throw new GantryError('upstream_unavailable', {
    message: `${first.slug} cannot be asked now, so that nobody knows what an undo would meet.`,
    where: first.slug,
  });
}

/** What is there now of records of one object. `sightOf` absent: whoever asks may be told everything. */
export async function compareAll(
  { db }: Pick<WriteDeps, 'db'>,
  tenant: TenantId,
  all: readonly RecordChain[],
  { reached, sightOf }: { readonly reached: Reached; readonly sightOf: UndoSight | undefined },
): Promise<RecordVerdict[]> {
  const { writes, object } = reached;
  const sight = sightOf === undefined ? null : await sightFor(sightOf, all);
  const why = (chain: RecordChain): string | null => (sight === null ? null : whyUnseen(chain, sight));
  const chains = all.filter((chain) => why(chain) === null);
  const hidden = all.flatMap((chain) => {
    const reason = why(chain);
    return reason === null ? [] : [unseen(chain, reason)];
  });
  const own = chains.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)]);
  // Of a record that goes as a whole all counts that others may have put into it.
  const whole = chains.some(({ existedBefore }) => !existedBefore) ? writableFields(object) : [];
  const fields = [...new Set([...own, ...whole])];
  const known = fields.filter((field) => object.fields.some(({ name }) => name === field));
  const ids = chains.map(({ recordId }) => recordId);
  const images: ReadonlyMap<string, RecordImage> = await imagesOf(writes, object, ids, known);
  const ways = (operation: WriteOperation) => writes.wayOf(object, operation);
  const [first] = chains;
  const deleted = chains.filter(({ existsAfter }) => !existsAfter).map(({ recordId }) => recordId);
  const back =
    first === undefined ? new Set() : await broughtBack(db, tenant, { connection: first.connection, deleted, reached });
  const seen = chains.map((chain) => {
    const isBack = back.has(chain.recordId);
    const verdict = compareRecord(chain, { now: images.get(chain.recordId) ?? null, object, ways, isBack });
    return sight === null ? verdict : asSeen(verdict, sight, object);
  });
  return [...seen, ...hidden];
}

async function sightFor(sightOf: UndoSight, chains: readonly RecordChain[]): Promise<Sight> {
  const [first] = chains;
  if (first === undefined) throw new Error('no record to look at');
  const { connection, object } = first;
  return sightOf({ connection, object, recordIds: chains.map(({ recordId }) => recordId) });
}
