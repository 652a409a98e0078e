import { matches, operandsOf, valueKindOf, type Filter } from '../../filter/index.ts';
import { GantryError, type Clock, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { CatalogueObject, DocumentValues } from '../../mapping/index.ts';
import type { QueryService } from '../../query/index.ts';
import { readDocuments, type Db } from '../../store/index.ts';
import { holdsOfNew, type RightsQuestion } from '../../write/index.ts';
import {
  grantReach,
  grantWays,
  nativesAsked,
  ownFields,
  type AskedBy,
  type GrantReach,
  type GrantReachDeps,
  type GrantWay,
} from './grant-ways.ts';

export interface WithinGrantDeps extends GrantReachDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  /** Records as the replica has them, through the caller's eyes. */
  readonly locate: QueryService['locate'];
}

type AskedWrite = RightsQuestion['writes'][number];

/** What has to be read with what stands there, so that the conditions of the grant can be held against it. */
export async function fieldsOfGrant(
  deps: GrantReachDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<readonly string[]> {
  const reach = await grantReach(deps, tenant, { agent: question.agent, ...by });
  if (reach === null) return [];
  return nativesAsked(
    reach,
    inGrant(question).flatMap((write) => grantWays(reach, question, write)),
  );
}

/** What a person wants taken back needs no grant of an agent. */
const inGrant = ({ undo, writes }: RightsQuestion): readonly AskedWrite[] =>
  undo ? writes.filter(({ undoFor }) => undoFor === 'agent') : writes;

/**
 * Keys of the writes whose record is not, or not any more, among those that the
 * agent's grant has: as the records were read last, relations included, and
 * once more by what the record itself says at its source at this moment. An
 * undo may bring a record back into what the agent may write, never into what
 * it sees.
 */
export async function outsideGrant(
  deps: WithinGrantDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<ReadonlySet<string>> {
  const asked = inGrant(question);
  if (asked.length === 0) return new Set();
  const reach = await grantReach(deps, tenant, { agent: question.agent, ...by });
  if (reach === null) return new Set(asked.map(({ key }) => key));
  const within = new Set<string>();
  const old = new Map<string, { readonly way: GrantWay; readonly writes: AskedWrite[] }>();
  for (const write of asked) {
    for (const way of grantWays(reach, question, write)) {
      if (write.recordId === null) {
        if (question.undo || isGrantedNew(deps, way, write)) within.add(write.key);
        continue;
      }
      const entry = old.get(way.object.name) ?? { way, writes: [] };
      entry.writes.push(write);
      old.set(way.object.name, entry);
    }
  }
  const stored = old.size === 0 ? new Map<string, JsonObject>() : await storedOf(deps, tenant, reach, asked);
  for (const { way, writes } of old.values()) {
    const { seen, written } = way;
    const shown = await holding(deps, reach, way, { writes, filter: seen, only: null, stored });
    const open = await holding(deps, reach, way, { writes, filter: written, only: written, stored });
    for (const write of writes) {
      const isOpen = open.has(write.key) || (question.undo && comesBack(deps, reach, way, { write, stored }));
      if (shown.has(write.key) && isOpen) within.add(write.key);
    }
  }
  return new Set(asked.flatMap(({ key }) => (within.has(key) ? [] : [key])));
}

/** As when it was planned: by the values that it is made with. */
function isGrantedNew({ clock }: WithinGrantDeps, { object, written }: GrantWay, { changes }: AskedWrite): boolean {
  if (written === null) return true;
  return holdsOfNew(written, { before: new Map(), changes }, { visible: object }, clock.now());
}

async function storedOf(
  { db }: WithinGrantDeps,
  tenant: TenantId,
  { stream: { stream } }: GrantReach,
  writes: readonly AskedWrite[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const ids = writes.flatMap(({ recordId }) => recordId ?? []);
  const rows = await db.tenantRead(tenant, (tx) => readDocuments(tx, { tenant, stream }, ids));
  return new Map(rows.map(({ id, docText }) => [id, JSON.parse(docText) as JsonObject]));
}

interface Held {
  readonly writes: readonly AskedWrite[];
  /** Null: there is no condition. */
  readonly filter: Filter | null;
  /** Beside what the caller sees. */
  readonly only: Filter | null;
  /** By native id. */
  readonly stored: ReadonlyMap<string, JsonObject>;
}

/** Keys of the writes for whose record the condition holds. */
async function holding(
  { locate, clock }: WithinGrantDeps,
  { caller, catalogue, stream }: GrantReach,
  way: GrantWay,
  { writes, filter, only, stored }: Held,
): Promise<ReadonlySet<string>> {
  if (filter === null) return new Set(writes.map(({ key }) => key));
  const refOf = ({ recordId }: AskedWrite): string =>
    `${stream.connectionSlug}/${stream.object.name}/${recordId ?? ''}`;
  const rows = await locate(caller, catalogue, {
    object: way.object.name,
    by: { kind: 'id' },
    wanted: writes.map(refOf),
    fields: [],
    only,
  }).catch(nobodyKnows);
  const found = new Set(rows.map(({ asked }) => asked));
  // The condition is the tenant's own: it may name what the caller may not.
  const whole = catalogue.objects.get(way.object.name) ?? way.object;
  const read = catalogue.documents.get(way.object.name)?.get(stream.stream);
  const left = (write: AskedWrite): boolean => {
    const before = stored.get(write.recordId ?? '');
    if (read === undefined || before === undefined || write.now === undefined) return false;
    return hasLeft(filter, whole, { before: read(before), now: read({ ...before, ...write.now }) }, clock.now());
  };
  return new Set(writes.filter((write) => found.has(refOf(write)) && !left(write)).map(({ key }) => key));
}

/** Where the caller's rights, or the grant's own condition, cannot be applied now, nothing is within it. */
function nobodyKnows(error: unknown): readonly [] {
  const none = ['access_unknown', 'access_rule_invalid', 'query_object_unknown'];
  if (error instanceof GantryError && none.includes(error.code)) return [];
  throw error;
}

/**
 * Pure: whether a record that met the condition when it was read last does not
 * any more, as far as it can be told from the record alone. A part of the
 * condition that it did not meet by itself is another system's to tell.
 */
function hasLeft(
  filter: Filter,
  object: CatalogueObject,
  { before, now }: { readonly before: DocumentValues; readonly now: DocumentValues },
  at: Date,
): boolean {
  if (before.belongs !== false && now.belongs === false) return true;
  return partsOf(filter).some(
    (part) => isOwn(part, now) && holdsOf(part, object, before, at) && !holdsOf(part, object, now, at),
  );
}

const partsOf = (filter: Filter): readonly Filter[] => (filter.kind === 'and' ? filter.all.flatMap(partsOf) : [filter]);

/** It names nothing but fields that the record itself says. */
function isOwn(part: Filter, { values }: DocumentValues): boolean {
  const own = ownFields(part);
  return own.length === operandsOf(part).length && own.every((name) => values.has(name));
}

/** Pure. What cannot be compared does not hold. */
function holdsOf(part: Filter, object: CatalogueObject, { values }: DocumentValues, now: Date): boolean {
  try {
    return matches(part, {
      now,
      where: `rule of ${object.name}`,
      read: (operand) => {
        const name = operand.kind === 'path' ? operand.path : '';
        return { kind: valueKindOf(object.fields.get(name)?.type ?? 'json'), value: values.get(name) ?? null };
      },
    });
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}

/** An undo restores what makes the record one that the agent may write. */
function comesBack(
  { clock }: WithinGrantDeps,
  { catalogue, stream }: GrantReach,
  { object, written }: GrantWay,
  { write, stored }: { readonly write: AskedWrite; readonly stored: ReadonlyMap<string, JsonObject> },
): boolean {
  const read = catalogue.documents.get(object.name)?.get(stream.stream);
  const before = stored.get(write.recordId ?? '');
  if (written === null || read === undefined || before === undefined) return false;
  const after = read({ ...before, ...write.now, ...write.values });
  const whole = catalogue.objects.get(object.name) ?? object;
  return after.belongs !== false && isOwn(written, after) && holdsOf(written, whole, after, clock.now());
}
