import type { VisibleObject } from '../../access/index.ts';
import type { Filter } from '../../filter/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { textLost } from './check-asked.ts';
import { nativeFieldOf } from './field-place.ts';
import { report, type Mistake } from './problems.ts';
import {
  nameOf,
  sameRecord,
  unknownField,
  type ResolvedRecord,
  type Resolving,
  type ShapedRecord,
} from './resolved-record.ts';
import type { OpenTarget } from './targets.ts';

interface Wanted extends ShapedRecord {
  /** As the caller calls it. */
  readonly name: string;
  readonly field: NativeField;
  readonly value: Exclude<Json, null>;
}

/**
 * Whether the records of an upsert are there, asked at the source at this
 * moment: the replica may not have yet what somebody made a minute ago. One
 * that the caller is not shown does not exist for it: by a field that others
 * may have, too, a new record is made, as the user could in the source itself;
 * where the source keeps the field unique it would refuse that, and so do we.
 */
export async function findUpserts(
  resolving: Resolving,
  target: OpenTarget,
  shaped: readonly ShapedRecord[],
): Promise<readonly ResolvedRecord[]> {
  const wanted = shaped.flatMap((record) => wantedOf(resolving, target, record) ?? []);
  const ids = new Map<string, readonly string[]>();
  for (const [field, values] of valuesByField(wanted)) {
    const found = await target.writes.findBy(target.stream.object, field, values);
    for (const [value, own] of found) ids.set(JSON.stringify([field, value]), own);
  }
  const kept = await keptBeside(resolving, target, wanted, ids);
  for (const [key, own] of kept) ids.set(key, [...new Set([...(ids.get(key) ?? []), ...own])]);
  const found = [...ids.values()].flatMap((own) => own);
  const hidden = await hiddenAmong(resolving, target, found);
  const seen = await seenAmong(resolving, target, found, resolving.rights.where);
  const made = new Map<string, number>();
  return wanted.flatMap((each): ResolvedRecord[] => {
    const { item, record, field, value } = each;
    const key = keyOf(each);
    const all = ids.get(key) ?? [];
    const [recordId, second] = field.unique === true ? all : all.filter((id) => !hidden.has(id));
    const about = { item, record, target };
    if (second !== undefined) {
      report(
        resolving.notes,
        { item, path: 'match' },
        {
          code: 'write_record_ambiguous',
          message: `Several records of ${target.stream.connectionSlug} have this value.`,
          fix: 'Update the one that is meant by its `_ref`, or match by a field that is different in each record.',
        },
      );
      return [];
    }
    if (recordId !== undefined) {
      if (seen.has(recordId)) return [{ ...about, operation: 'update', recordId, match: null }];
      report(
        resolving.notes,
        { item, path: 'match' },
        {
          code: 'write_record_unknown',
          message: `A record with this value is in ${target.stream.connectionSlug}, but none that you may write, or not here yet.`,
          fix: 'Repeat in a minute; if it stays so, somebody else has to change that record.',
        },
      );
      return [];
    }
    const match = { field: field.name, value };
    // Where the source keeps the field unique it makes sure itself that there is one record in the end.
    if (field.unique === true && target.wayOf('upsert') !== null)
      return [{ ...about, operation: 'upsert', recordId: null, match }];
    const first = made.get(key);
    if (first === undefined) {
      made.set(key, item);
      return [{ ...about, operation: 'create', recordId: null, match: null }];
    }
    report(resolving.notes, { item, path: 'match' }, sameRecord(first));
    return [];
  });
}

function wantedOf(resolving: Resolving, target: OpenTarget, shaped: ShapedRecord): Wanted | null {
  const [name = '', value = null] = Object.entries(shaped.record.match ?? {})[0] ?? [];
  const place = { item: shaped.item, path: `match.${name}` };
  const found = nativeFieldOf(resolving.visible, target, name);
  if (found === null) {
    report(resolving.notes, place, notMatched(resolving.visible, name));
    return null;
  }
  const written = found.write(value);
  // With less in it, it would be another record's.
  const lost = textLost(value);
  if (lost !== null || written.kind === 'refused' || written.value === null) {
    const why = lost ?? (written.kind === 'refused' ? written.why : 'it would be empty');
    report(resolving.notes, place, {
      code: 'write_value_invalid',
      message: `${name} cannot be matched by: ${why}.`,
      fix: 'Match by a field that the mapping copies as it is.',
    });
    return null;
  }
  return { ...shaped, name, field: found.field, value: written.value };
}

/** A field that the caller is shown, and that several native fields or none stand behind, finds nothing there. */
const notMatched = (visible: VisibleObject, name: string): Mistake =>
  visible.fields.has(name)
    ? {
        code: 'write_shape_invalid',
        message: `${name} cannot be matched by: no single field that can be written keeps it there.`,
        fix: 'Match by a field that the mapping copies as it is, or write to the record by its `id`.',
      }
    : unknownField(visible, name);

const keyOf = ({ field, value }: Wanted): string => JSON.stringify([field.name, value]);

/**
 * Where the source names two, it looked for no more: of a value that others may
 * have, too, those may be hidden from the caller, and one that it is shown may
 * stand behind them. The replica knows that one, as of a while ago.
 */
async function keptBeside(
  { ports, asker, visible }: Resolving,
  { stream: { stream } }: OpenTarget,
  wanted: readonly Wanted[],
  ids: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const kept = new Map<string, readonly string[]>();
  const cut = wanted.filter((each) => each.field.unique !== true && (ids.get(keyOf(each)) ?? []).length > 1);
  for (const each of cut) {
    if (kept.has(keyOf(each))) continue;
    const rows = await ports.locate(asker.caller, {
      object: visible.name,
      by: { kind: 'field', field: each.name },
      wanted: [nameOf(each.record).text],
      fields: [],
      only: null,
    });
    const members = rows.flatMap((row) => row.members).filter((member) => member.stream === stream);
    kept.set(
      keyOf(each),
      members.map(({ id }) => id),
    );
  }
  return kept;
}

function valuesByField(wanted: readonly Wanted[]): ReadonlyMap<string, readonly Json[]> {
  const byField = new Map<string, Json[]>();
  const known = new Set<string>();
  for (const { field, value } of wanted) {
    const key = JSON.stringify([field.name, value]);
    if (known.has(key)) continue;
    known.add(key);
    const own = byField.get(field.name);
    if (own === undefined) byField.set(field.name, [value]);
    else own.push(value);
  }
  return byField;
}

/** Those that are here, and that the caller is not shown. Of one that is not here yet nobody knows who is. */
async function hiddenAmong(
  resolving: Resolving,
  target: OpenTarget,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const shown = await seenAmong(resolving, target, ids, null);
  const rest = ids.filter((id) => !shown.has(id));
  return rest.length === 0
    ? new Set()
    : new Set((await resolving.ports.documents(target.stream.stream, [...new Set(rest)])).keys());
}

/** `only`: of those, which the caller may write. */
async function seenAmong(
  { ports, asker, visible }: Resolving,
  { stream }: OpenTarget,
  ids: readonly string[],
  only: Filter | null,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const prefix = `${stream.connectionSlug}/${stream.object.name}/`;
  const rows = await ports.locate(asker.caller, {
    object: visible.name,
    by: { kind: 'id' },
    wanted: [...new Set(ids)].map((id) => prefix + id),
    fields: [],
    only,
  });
  return new Set(rows.map(({ asked }) => asked.slice(prefix.length)));
}
