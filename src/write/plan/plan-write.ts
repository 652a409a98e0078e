import {
  canonicalJson,
  contentHash,
  GantryError,
  limits,
  suggest,
  type Json,
  type JsonObject,
} from '../../kernel/index.ts';
import type { VisibleObject } from '../../access/index.ts';
import type { WriteWay } from '../../connectors/index.ts';
import type { Operation } from '../../manifest/index.ts';
import {
  fieldEffects,
  fieldsToMake,
  stepsOf,
  withFieldCalls,
  withFieldParts,
  withFields,
} from '../new-fields/field-steps.ts';
import type { Impact, OnFailure, PlannedWrite, UnseenCondition, WriteIntent, WritePlan } from '../types.ts';
import { checkGrantOfNew, checkUnique, uniqueWishes } from './check-after.ts';
import { checkPreconditions } from './check-preconditions.ts';
import { checkUserRights } from './check-user.ts';
import { costOf } from './cost.ts';
import type { Draft, Drafting } from './draft.ts';
import { draftOf } from './draft-values.ts';
import { impactOf } from './impact.ts';
import { checkIntended, type Intended } from './intended.ts';
import { hiddenNatives } from './field-place.ts';
import { findAll } from './lookups.ts';
import { nativeMoney } from './native-money.ts';
import { policyQuestion } from './policy-question.ts';
import type { Asker, PlanPorts } from './ports.ts';
import { newNotes, shownProblems, type Notes } from './problems.ts';
import { resolveRecords } from './resolve-records.ts';
import type { ResolvedRecord, Resolving } from './resolved-record.ts';
import { openTargets, targetsOf } from './targets.ts';
import { wishesOf } from './wanted-fields.ts';
import { preconditionsOf, sideEffectsOf, titleOf } from './words.ts';
import { operationRights, writeRights } from './write-rights.ts';

/**
 * Thinks a write through: what would be sent, to which records of which
 * systems, what would be otherwise then, what it is worth, who has to agree.
 * Sends nothing. What is wrong with single records stands in `problems`; what
 * is wrong with the whole is raised: `query_object_unknown`, `write_not_granted`,
 * `write_out_of_scope`, `write_system_unavailable`, `write_system_ambiguous`,
 * `write_unsupported`, `write_too_large`, `access_unknown`, `write_rights_unknown`.
 */
export async function planWrite(
  ports: PlanPorts,
  asker: Asker,
  intent: WriteIntent,
  operation: Operation | null = null,
  intended: Intended | null = null,
): Promise<WritePlan> {
  checkSize(intent);
  const visible = visibleOf(asker, intent.object);
  const rights =
    operation === null ? writeRights(asker.agent, visible, intent.operation, intended?.named) : operationRights;
  const targets = await openTargets(ports, targetsOf(asker, visible, intent), intent.operation);
  const notes = newNotes();
  if (operation !== null && operation.deprecated !== null) notes.warnings.add(deprecatedText(intent, operation));
  const resolving: Resolving = { ports, asker, visible, rights, targets, notes };
  const records = await resolveRecords(resolving, intent);
  if (intended !== null) checkIntended(intended, records, notes);
  const stored = await storedOf(ports, records);
  const drafting: Drafting = {
    asker,
    visible,
    rights,
    notes,
    isWhole: operation !== null || intended !== null,
    inSteps: intent.after !== undefined,
    stored,
  };
  const find = await findAll(ports, asker, wishesOf(drafting, records));
  const made = records.flatMap((record) => draftOf(drafting, record, find) ?? []);
  checkGrantOfNew(drafting, made, ports.now);
  const unseen = await checkPreconditions(resolving, drafting, made, operation);
  checkUnique(drafting, made, await findAll(ports, asker, uniqueWishes(drafting, made)));
  const ways = waysOf(made, notes);
  const drafts = made.filter((draft) => ways.has(draft));
  await checkUserRights(ports, drafting, drafts);
  if (drafts.length === 0 && notes.problems.length === 0) notes.problems.push(nothingChanges);
  return assemble({ ports, asker, intent, operation, intended, visible, notes, unseen, drafts, ways });
}

export function checkSize({ records }: { readonly records: readonly unknown[] }): void {
  if (records.length === 0) {
    throw new GantryError('bad_request', {
      message: 'A plan without a record would change nothing.',
      where: 'records',
      fix: `Name 1 to ${String(limits.planRecordsMax)} records.`,
    });
  }
  if (records.length <= limits.planRecordsMax) return;
  throw new GantryError('write_too_large', {
    message: `A plan has 1 to ${String(limits.planRecordsMax)} records; this one has ${String(records.length)}.`,
    where: 'records',
  });
}

function visibleOf({ caller }: Asker, name: string): VisibleObject {
  const object = caller.objects.get(name);
  if (object !== undefined) return object;
  const names = [...caller.objects.keys()];
  throw new GantryError('query_object_unknown', {
    message: `There is no object "${name.slice(0, 200)}" for you.`,
    where: 'object',
    suggestions: suggest(name, names),
    ...(names.length <= limits.errorNamesMax ? { allowed: names } : {}),
  });
}

function deprecatedText({ object, intent }: WriteIntent, { deprecated }: Operation): string {
  const use = deprecated?.replacedBy ?? null;
  return `${intent ?? object} is deprecated${use === null ? '' : `: use ${object}.${use}`}.`;
}

const nothingChanges = {
  code: 'write_nothing_changes',
  at: 'records',
  message: 'Every value stands there already, or is kept by a guard: there is nothing to write.',
  fix: 'Nothing has to be done.',
} as const;

/** Native records as they are stored, one reading per object. */
async function storedOf(
  { documents }: Pick<PlanPorts, 'documents'>,
  records: readonly ResolvedRecord[],
): Promise<Drafting['stored']> {
  const ids = new Map<ResolvedRecord['target'], string[]>();
  for (const { target, recordId } of records) {
    if (recordId === null) continue;
    const own = ids.get(target);
    if (own === undefined) ids.set(target, [recordId]);
    else own.push(recordId);
  }
  const found = new Map<ResolvedRecord['target'], ReadonlyMap<string, JsonObject>>();
  for (const [target, own] of ids) found.set(target, await documents(target.stream.stream, own));
  return ({ target, recordId }) => found.get(target)?.get(recordId ?? '') ?? null;
}

/** How each is sent; a record that its system does not take so is reported. */
function waysOf(drafts: readonly Draft[], notes: Notes): ReadonlyMap<Draft, WriteWay> {
  const ways = new Map<Draft, WriteWay>();
  const known = new Map<string, WriteWay | null>();
  for (const draft of drafts) {
    const key = `${String(draft.target.stream.stream)} ${draft.operation}`;
    const way = known.has(key) ? (known.get(key) ?? null) : draft.target.wayOf(draft.operation);
    known.set(key, way);
    if (way !== null) ways.set(draft, way);
    else {
      const { connectionSlug, object } = draft.target.stream;
      notes.problems.push({
        code: 'write_unsupported',
        at: `records[${String(draft.item)}]`,
        message: `${connectionSlug} does not take ${draft.operation} of ${object.name}.`,
        fix: 'Leave the record out, or write it in the system itself.',
      });
    }
  }
  return ways;
}

async function assemble(parts: {
  readonly ports: PlanPorts;
  readonly asker: Asker;
  readonly intent: WriteIntent;
  readonly operation: Operation | null;
  readonly intended: Intended | null;
  readonly visible: VisibleObject;
  readonly notes: Notes;
  readonly unseen: readonly UnseenCondition[];
  readonly drafts: readonly Draft[];
  readonly ways: ReadonlyMap<Draft, WriteWay>;
}): Promise<WritePlan> {
  const { ports, asker, intent, operation, intended, visible, notes, unseen, drafts, ways } = parts;
  const name = Buffer.from(ports.random.bytes(16)).toString('base64url');
  const { impact, worths } = impactOf(drafts, {
    expression: operation?.impact ?? null,
    rates: asker.manifest.policies.rates,
    day: ports.now.toISOString().slice(0, 10),
    moneyIn: (target) => nativeMoney(asker, target),
  });
  const safety = operation?.safety ?? 'gated_write';
  const fields = fieldsToMake(drafts);
  const question = withFieldParts(policyQuestion(asker, { intent, drafts, impact, safety, unseen }), fields);
  const own = drafts.map((draft, index) =>
    plannedWrite(draft, { visible, operation, ways, worths, key: `${name}-${String(index)}`, index }),
  );
  const writes = withFields(fields, own, name);
  const title = titleOf(visible, drafts, { operation: intent.operation, named: operation ?? intended });
  const { reason } = intent;
  const about = { operation, hides: hiddenNatives(asker, visible) };
  return {
    id: `plan_${name}`,
    agent: asker.agent.name,
    principal: asker.caller.principal?.principal ?? null,
    title,
    intent: reason === undefined ? intent : { ...intent, reason: reason.slice(0, limits.planReasonCharsMax) },
    ...stepsOf(fields, { title, intent: intent.intent ?? null, writes: own.length }),
    safety,
    writes,
    problems: shownProblems(notes.problems),
    warnings: firstOf(notes.warnings),
    sideEffects: [...fieldEffects(fields), ...(intended?.sideEffects ?? []), ...sideEffectsOf(drafts, ways, about)],
    preconditions: preconditionsOf(drafts, about),
    ...(unseen.length === 0 ? {} : { unseen }),
    impact,
    decision: await ports.decide(question),
    question,
    cost: withFieldCalls(costOf(drafts), fields),
    undoes: null,
    payloadHash: payloadHash(writes),
    policyVersion: asker.policyVersion,
    createdAt: ports.now,
    expiresAt: new Date(ports.now.getTime() + limits.planLifeMs),
  };
}

function firstOf(words: ReadonlySet<string>): readonly string[] {
  const more = words.size - limits.planProblemsMax;
  const shown = [...words].slice(0, limits.planProblemsMax);
  return more <= 0 ? shown : [...shown, `And ${String(more)} more.`];
}

/** Over everything that will be sent, what was there before, and whether it is taken back where a step fails. */
export const payloadHash = (writes: readonly PlannedWrite[], onFailure: OnFailure = 'stop'): string => {
  const sent = writes.map(({ connection, object, operation, recordId, match, values, before, step }): Json => [
    connection,
    object,
    operation,
    recordId,
    match,
    values,
    before,
    step,
  ]);
  return contentHash(canonicalJson(onFailure === 'stop' ? sent : [onFailure, sent]));
};

function plannedWrite(
  draft: Draft,
  about: {
    readonly visible: VisibleObject;
    readonly operation: Operation | null;
    readonly ways: ReadonlyMap<Draft, WriteWay>;
    readonly worths: ReadonlyMap<Draft, Impact>;
    readonly key: string;
    readonly index: number;
  },
): PlannedWrite {
  const { target, operation, recordId, match, values, stored, changes } = draft;
  const { stream, integration, model } = target;
  const way = about.ways.get(draft);
  if (way === undefined) throw new Error('drafts without a way were left out');
  const worth = about.worths.get(draft);
  const label = about.visible.label === null ? undefined : draft.before.get(about.visible.label);
  return {
    item: about.index,
    step: 0,
    record: draft.item,
    key: about.key,
    connection: stream.connection,
    slug: stream.connectionSlug,
    integration: integration.name,
    object: stream.object.name,
    model: model?.name ?? null,
    operation,
    recordId,
    match,
    values,
    before: recordId === null ? null : beforeOf(draft, stored),
    changes,
    label: typeof label === 'string' ? label.slice(0, limits.labelCharsMax) : null,
    worth: worth?.amount ?? null,
    currency: worth?.currency ?? null,
    dedupe: way.dedupe,
    reversibility: lesser(way.reversibility, about.operation?.reversibility),
  };
}

/** Of a record that goes all of it, else what is overwritten. */
function beforeOf({ operation, values }: Draft, stored: JsonObject | null): JsonObject {
  if (stored === null || operation === 'delete') return stored ?? {};
  return Object.fromEntries(Object.keys(values).map((field) => [field, stored[field] ?? null]));
}

const degrees = ['exact', 'compensating', 'none'] as const;

function lesser(provided: WriteWay['reversibility'], declared: Operation['reversibility']): WriteWay['reversibility'] {
  if (declared === undefined) return provided;
  return degrees.indexOf(declared) > degrees.indexOf(provided) ? declared : provided;
}
