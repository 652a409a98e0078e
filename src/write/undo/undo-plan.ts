import type { WriteWay } from '../../connectors/index.ts';
import { limits, type Json, type Random } from '../../kernel/index.ts';
import type { RecordWriter } from '../../mapping/index.ts';
import type { PolicyPart } from '../../policy/index.ts';
import type { PlanFacts } from '../deps.ts';
import { grouped } from '../grouped.ts';
import { asRecords } from '../new-fields/writes-for.ts';
import { undoIntent } from '../operations-of.ts';
import { writtenFields } from '../plan/written-fields.ts';
import { payloadHash } from '../plan/plan-write.ts';
import type { FieldChange, PlannedWrite, PlanProblem, WritePlan } from '../types.ts';
import { worthTakenBack } from './amount-taken-back.ts';
import { wholeRecord, type FieldVerdict, type RecordVerdict } from './compare.ts';
import type { UndoReport } from './report.ts';
import type { Reached, UndoRequest } from './types.ts';

export interface UndoParts {
  readonly asked: UndoRequest & { readonly plans: readonly { readonly id: string }[] };
  readonly facts: PlanFacts;
  readonly agent: string;
  readonly principal: string | null;
  readonly verdicts: readonly RecordVerdict[];
  readonly report: UndoReport;
  /** By connection and object. */
  readonly reached: ReadonlyMap<string, Reached>;
  /** How models are written, by model. */
  readonly writers: ReadonlyMap<string, readonly RecordWriter[]>;
  readonly amount: { readonly amount: number | null; readonly currency: string | null };
  readonly now: Date;
  readonly random: Random;
}

/** Pure: the plan that takes back what can be; null: nothing. Its decision is asked for afterwards. */
export function undoPlan(parts: UndoParts): WritePlan | null {
  const { asked, facts, agent, principal, report, amount, now, random } = parts;
  const name = Buffer.from(random.bytes(16)).toString('base64url');
  const way = { reached: parts.reached, conflicts: asked.conflicts };
  const writes: PlannedWrite[] = [];
  for (const verdict of parts.verdicts) {
    const write = undoWrite(way, verdict, { item: writes.length, key: `${name}-${String(writes.length)}` });
    if (write !== null) writes.push(asked.who.kind === 'agent' ? { ...write, undoFor: 'agent' } : write);
  }
  const problems = asked.conflicts === 'refuse' ? conflictsOf(parts.verdicts) : [];
  if (writes.length === 0 && problems.length === 0) return null;
  const [first] = writes;
  const [only] = asked.plans;
  const impact = { records: writes.length, ...amount, why: whyWorth(amount) };
  const question = {
    agent,
    principal,
    intent: null,
    safety: 'gated_write' as const,
    accountable: facts.accountable,
    parts: partsOf(writes, parts),
    ...amount,
    readUntrusted: asked.readUntrusted ?? false,
    ...(asked.who.kind === 'agent' ? {} : { byPerson: true as const }),
  };
  return {
    id: `plan_${name}`,
    agent,
    principal,
    title: `Undo: ${report.text[0] ?? ''}`,
    intent: {
      operation: first === undefined ? 'update' : asRecords(first.operation),
      object: first === undefined ? '' : `${first.slug}.${first.object}`,
      records: [],
      intent: undoIntent,
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
    },
    safety: 'gated_write',
    writes,
    problems,
    warnings: report.text,
    sideEffects: [...new Set(writes.flatMap((write) => wayOf(parts, write)?.sideEffects ?? []))],
    preconditions: [],
    impact,
    decision: { kind: 'forbid', because: [{ rule: 'undo', text: 'Not decided yet.' }] },
    question,
    cost: costOf(parts, writes),
    undoes: asked.plans.length === 1 ? (only?.id ?? null) : null,
    ...(asked.plans.length === 1 ? {} : { undoesAll: asked.plans.map(({ id }) => id) }),
    payloadHash: payloadHash(writes),
    policyVersion: facts.policyVersion,
    createdAt: now,
    expiresAt: new Date(now.getTime() + limits.planLifeMs),
  };
}

/** Pure: what takes back what was written to one record; null: there is nothing to write, or nothing may be. */
export function undoWrite(
  parts: Pick<UndoParts, 'reached'> & Pick<UndoRequest, 'conflicts'>,
  verdict: RecordVerdict,
  place: { readonly item: number; readonly key: string },
): PlannedWrite | null {
  const { chain, action, fields, beside = {} } = verdict;
  if (action === 'none' || action === 'impossible') return null;
  const theirs = fields.some((each) => each.verdict === 'conflict');
  const { conflicts } = parts;
  if (action === 'delete' && theirs && conflicts !== 'overwrite') return null;
  const taken = fields.filter(
    (each) => each.verdict === 'restored' || (each.verdict === 'conflict' && conflicts === 'overwrite'),
  );
  if (action === 'update' && taken.length === 0) return null;
  const { connection, slug, integration, object, model, label, recordId } = chain;
  const write = { connection, slug, integration, object, model, label, operation: action };
  const way = wayOf(parts, write);
  if (way === null) return null;
  return {
    ...place,
    step: 0,
    ...write,
    recordId: action === 'create' ? null : recordId,
    match: null,
    values: action === 'delete' ? {} : valuesOf(taken, 'before'),
    before: action === 'create' ? null : { ...beside, ...valuesOf(named(action === 'delete' ? fields : taken), 'now') },
    ...(action === 'create' ? { restores: recordId } : {}),
    changes: named(taken)
      .filter(({ hidden }) => hidden !== true)
      .map(changeOf(action)),
    worth: worthTakenBack(verdict, { object: parts.reached.get(`${String(connection)} ${object}`)?.object, conflicts }),
    currency: chain.currency ?? null,
    dedupe: way.dedupe,
    reversibility: way.reversibility,
  };
}

const named = (fields: readonly FieldVerdict[]): readonly FieldVerdict[] =>
  fields.filter(({ field }) => field !== wholeRecord);

const valuesOf = (fields: readonly FieldVerdict[], which: 'before' | 'now'): Record<string, Json> =>
  Object.fromEntries(fields.map((each) => [each.field, each[which]]));

const changeOf =
  (action: RecordVerdict['action']) =>
  ({ field, label, before, now }: FieldVerdict): FieldChange => ({
    field,
    label,
    before: now,
    after: action === 'delete' ? null : before,
  });

function wayOf(
  { reached }: Pick<UndoParts, 'reached'>,
  { connection, object, operation }: Pick<PlannedWrite, 'connection' | 'object' | 'operation'>,
): WriteWay | null {
  const there = reached.get(`${String(connection)} ${object}`);
  const answer = there?.writes.wayOf(there.object, asRecords(operation));
  return answer?.kind === 'way' ? answer.way : null;
}

function conflictsOf(verdicts: readonly RecordVerdict[]): PlanProblem[] {
  return verdicts.flatMap(({ chain, fields }) =>
    fields.flatMap(({ field, label, verdict, before, ours, now, hidden }) =>
      verdict === 'conflict'
        ? [
            {
              code: 'undo_conflict',
              at: `${chain.slug}/${chain.object}/${chain.recordId}.${field}`,
              message:
                hidden === true
                  ? 'Somebody has changed since what you are not shown.'
                  : `${label} was ${said(before)} before and ${said(ours)} after us, and is ${said(now)} now: somebody has changed it since.`,
              fix: 'Ask for the undo without it, or over it.',
            },
          ]
        : [],
    ),
  );
}

const said = (value: Json): string => (value === null ? 'empty' : JSON.stringify(value).slice(0, VALUE_CHARS));

const VALUE_CHARS = 200;

const whyWorth = ({ amount }: UndoParts['amount']): string =>
  amount === null
    ? 'What somebody has made of it since is taken back as well, or nobody could tell what the writes moved.'
    : 'At most what the writes moved that are taken back.';

function partsOf(
  writes: readonly PlannedWrite[],
  { facts: { modes }, writers }: Pick<UndoParts, 'facts' | 'writers'>,
): PolicyPart[] {
  const groups = grouped(writes, ({ connection, object, operation }) => `${String(connection)} ${operation} ${object}`);
  return [...groups.values()].flatMap((own): PolicyPart[] => {
    const [first] = own;
    if (first === undefined) return [];
    const { connection, integration, slug, object, model, operation } = first;
    const natives = new Set(own.flatMap(({ values }) => Object.keys(values)));
    return [
      {
        integration,
        // Of an integration that is not declared any more nothing is allowed.
        mode: modes.get(integration) ?? 'read_only',
        connection: slug,
        object,
        model,
        operation,
        records: own.length,
        fields: writtenFields(writers, [
          { isOf: ({ connection: id, object: { name } }) => id === connection && name === object, natives },
        ]),
        rows: [],
      },
    ];
  });
}

function costOf(parts: UndoParts, writes: readonly PlannedWrite[]): WritePlan['cost'] {
  const calls = new Map<string, number>();
  const groups = grouped(writes, ({ connection, object, operation }) => `${String(connection)} ${operation} ${object}`);
  for (const own of groups.values()) {
    const [first] = own;
    if (first === undefined) continue;
    const there = parts.reached.get(`${String(first.connection)} ${first.object}`);
    const way = wayOf(parts, first);
    if (there === undefined || way === null) continue;
    const least = way.forms
      .filter(({ recordsFrom }) => recordsFrom <= own.length)
      .map(({ name }) => there.writes.callsFor(there.object, asRecords(first.operation), name, own.length));
    calls.set(first.slug, (calls.get(first.slug) ?? 0) + Math.min(...least));
  }
  return [...calls].map(([connection, own]) => ({ connection, calls: own }));
}
