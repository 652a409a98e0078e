import { matches, operandsOf, partsOf, valueKindOf, type Filter } from '../../filter/index.ts';
import { GantryError, type Clock, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { CatalogueObject, DocumentValues } from '../../mapping/index.ts';
import type { QueryService } from '../../query/index.ts';
import { readDocuments, type Db } from '../../store/index.ts';
import type { RightsQuestion } from '../../write/index.ts';
import { ownFields, type GrantReach, type GrantWay } from './grant-ways.ts';

export interface HoldingDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  /** Records as the replica has them, through the caller's eyes. */
  readonly locate: QueryService['locate'];
}

export type AskedWrite = RightsQuestion['writes'][number];

/** Records of writes as the replica has them, by native id. */
export async function storedOf(
  { db }: Pick<HoldingDeps, 'db'>,
  tenant: TenantId,
  { stream: { stream } }: GrantReach,
  writes: readonly AskedWrite[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const ids = writes.flatMap(({ recordId }) => recordId ?? []);
  const rows = await db.tenantRead(tenant, (tx) => readDocuments(tx, { tenant, stream }, ids));
  return new Map(rows.map(({ id, docText }) => [id, JSON.parse(docText) as JsonObject]));
}

export interface Held {
  readonly writes: readonly AskedWrite[];
  /** Null: there is no condition. */
  readonly filter: Filter | null;
  /** Beside what the caller sees. */
  readonly only: Filter | null;
  /** By native id. */
  readonly stored: ReadonlyMap<string, JsonObject>;
}

/**
 * Keys of the writes for whose record the condition holds: as the records were
 * read last, relations included, and once more by what the record itself says
 * at its source at this moment.
 */
export async function holding(
  { locate, clock }: Pick<HoldingDeps, 'locate' | 'clock'>,
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

/** Where the caller's rights, or the condition, cannot be applied now, it holds for nothing. */
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

/** It names nothing but fields that the record itself says. */
export function isOwn(part: Filter, { values }: DocumentValues): boolean {
  const own = ownFields(part);
  return own.length === operandsOf(part).length && own.every((name) => values.has(name));
}

/** Pure. What cannot be compared does not hold. */
export function holdsOf(part: Filter, object: CatalogueObject, { values }: DocumentValues, now: Date): boolean {
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
