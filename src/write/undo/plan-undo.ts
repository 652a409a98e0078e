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
import { imagesOf } from '../images.ts';
import { keepPlan } from '../keep-plan.ts';
import { contentOf, writeOf } from '../plan-row.ts';
import type { WritePlan } from '../types.ts';
import { chainsOf, type RecordChain } from './chain.ts';
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
 * `upstream_unavailable` where a system cannot be asked now.
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
  const rows = await readJournal(tx, tenant, { plans: found, item, limit: limits.undoWritesMax });
  return { plans, rows: rows.toReversed() };
}

function plansOf(
  tx: Tx,
  tenant: TenantId,
  { agent, from, to }: Extract<UndoScope, { kind: 'time' }>,
  who: WriteActor,
): Promise<string[]> {
  const own = who.kind === 'agent' ? { agent: who.agent, principal: who.principal } : { agent, principal: null };
  return plansAccepted(tx, tenant, { ...own, from, to, limit: limits.undoWritesMax });
}

type Preparing = UndoRequest & Collected;

async function prepareFor(deps: WriteDeps, tenant: TenantId, asked: Preparing): Promise<PreparedUndo> {
  const [first] = asked.plans;
  if (first === undefined) throw new Error('an undo of no plan');
  const { agent, principal } = first;
  const chains = chainsOf(
    asked.rows.filter(({ state, content }) => state === 'succeeded' && !isErased(content) && !madeField(content)),
  );
  const leftOut = asked.rows.flatMap(leftOutOf);
  const verdicts: RecordVerdict[] = [];
  const reached = new Map<string, Reached>();
  for (const own of grouped(chains, ({ connection, object }) => `${String(connection)} ${object}`).values()) {
    const there = await reach(deps, tenant, { chains: own, principal });
    const [one] = own;
    if (one !== undefined) reached.set(`${String(one.connection)} ${one.object}`, there);
    const compared = await compareAll(own, there, asked.sight);
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
    amount: amountOf(asked.plans),
    now: deps.clock.now(),
    random: deps.random,
  });
  if (plan === null || asked.dryRun) return { agent, principal, report, plan: null };
  const decision = await deps.rules.preview(tenant, plan.question);
  const kept = await keepPlan(deps, tenant, { ...plan, decision }, null, asked.who);
  return { agent, principal, report, plan: kept.plan };
}

/** Of a person who asked for it: nothing is left to compare with. */
export const isErased = (content: JsonObject): boolean => content['erased'] === true;

const madeField = (content: JsonObject): boolean => writeOf(content).operation === 'create_field';

const FIELD_STAYS =
  'The field that was made stays: without it, what stands in it in any record would be gone. An administrator may remove it.';

function leftOutOf({ plan, item, state, content }: JournalRow): LeftOut[] {
  if (isErased(content)) return [{ plan, item, why: 'What it said was erased.' }];
  if (state === 'succeeded') return madeField(content) ? [{ plan, item, why: FIELD_STAYS }] : [];
  const unknown = ['sending', 'outcome_unknown', 'reconciling', 'needs_human'].includes(state);
  return [{ plan, item, why: unknown ? 'Nobody knows yet whether it was written.' : 'Nothing was written.' }];
}

/** At most what the plans moved; null where one of them is not known. */
function amountOf(plans: readonly WritePlanRow[]): {
  readonly amount: number | null;
  readonly currency: string | null;
} {
  let amount: number | null = 0;
  let currency: string | null = null;
  for (const row of plans) {
    const { impact } = contentOf(row);
    amount = amount === null || impact.amount === null ? null : amount + Math.abs(impact.amount);
    currency ??= impact.currency;
  }
  return { amount, currency };
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
  all: readonly RecordChain[],
  { writes, object }: Reached,
  sightOf: UndoSight | undefined,
): Promise<RecordVerdict[]> {
  const sight = sightOf === undefined ? null : await sightFor(sightOf, all);
  const why = (chain: RecordChain): string | null => (sight === null ? null : whyUnseen(chain, sight));
  const chains = all.filter((chain) => why(chain) === null);
  const hidden = all.flatMap((chain) => {
    const reason = why(chain);
    return reason === null ? [] : [unseen(chain, reason)];
  });
  const fields = [...new Set(chains.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)]))];
  const known = fields.filter((field) => object.fields.some(({ name }) => name === field));
  const ids = chains.map(({ recordId }) => recordId);
  const images: ReadonlyMap<string, RecordImage> = await imagesOf(writes, object, ids, known);
  const ways = (operation: WriteOperation) => writes.wayOf(object, operation);
  const seen = chains.map((chain) => {
    const verdict = compareRecord(chain, { now: images.get(chain.recordId) ?? null, object, ways });
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
