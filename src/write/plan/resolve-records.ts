import type { VisibleObject } from '../../access/index.ts';
import type { StreamId } from '../../kernel/index.ts';
import type { LocatedRecord } from '../../query/index.ts';
import type { IntendedRecord, WriteIntent } from '../types.ts';
import { findUpserts } from './find-upserts.ts';
import { report, type Notes } from './problems.ts';
import { checkRecordShape } from './record-shape.ts';
import {
  nameOf,
  sameRecord,
  unknownField,
  type ResolvedRecord,
  type Resolving,
  type ShapedRecord,
} from './resolved-record.ts';
import { targetOfNew, type OpenTarget } from './targets.ts';

/** Records that cannot be resolved are left out, and reported. */
export async function resolveRecords(resolving: Resolving, intent: WriteIntent): Promise<readonly ResolvedRecord[]> {
  const { visible, targets, notes } = resolving;
  const shaped = [...intent.records.entries()].flatMap(([item, record]) =>
    checkRecordShape(record, intent.operation, item, notes) ? [{ item, record }] : [],
  );
  if (intent.operation === 'create') {
    const target = openOf(targetOfNew(visible, targets), targets);
    return shaped.map(({ item, record }) => ({
      item,
      record,
      target,
      operation: 'create',
      recordId: null,
      match: null,
    }));
  }
  if (intent.operation === 'upsert') {
    return withoutTwice(await findUpserts(resolving, openOf(targetOfNew(visible, targets), targets), shaped), notes);
  }
  const { operation } = intent;
  const found = await foundFor(resolving, shaped);
  const resolved = shaped.flatMap(({ item, record }): ResolvedRecord[] => {
    const chosen = chooseRecord(resolving, { item, record }, found(record));
    return chosen === null ? [] : [{ item, record, operation, match: null, ...chosen }];
  });
  return withoutTwice(resolved, notes);
}

const openOf = (target: { readonly stream: OpenTarget['stream'] }, targets: readonly OpenTarget[]): OpenTarget => {
  const open = targets.find((each) => each.stream === target.stream);
  if (open === undefined) throw new Error('every target was opened');
  return open;
};

/** The rows that answer to what the records say of themselves, in one look-up per way of saying it. */
async function foundFor(
  { ports, asker, visible, rights, notes }: Resolving,
  shaped: readonly ShapedRecord[],
): Promise<(record: IntendedRecord) => readonly LocatedRecord[]> {
  const ways = new Map<string, Set<string>>();
  for (const { item, record } of shaped) {
    const { way, text } = nameOf(record);
    if (way !== '' && !visible.fields.has(way)) {
      report(notes, { item, path: `match.${way}` }, unknownField(visible, way));
      continue;
    }
    const texts = ways.get(way) ?? new Set();
    texts.add(text);
    ways.set(way, texts);
  }
  const found = new Map<string, LocatedRecord[]>();
  for (const [way, texts] of ways) {
    const rows = await ports.locate(asker.caller, {
      object: visible.name,
      by: way === '' ? { kind: 'id' } : { kind: 'field', field: way },
      wanted: [...texts],
      fields: [],
      only: rights.where,
    });
    for (const row of rows) {
      const key = JSON.stringify([way, row.asked]);
      const own = found.get(key);
      if (own === undefined) found.set(key, [row]);
      else own.push(row);
    }
  }
  return (record) => {
    const { way, text } = nameOf(record);
    return found.get(JSON.stringify([way, text])) ?? [];
  };
}

function chooseRecord(
  { visible, targets, notes }: Resolving,
  { item, record }: ShapedRecord,
  rows: readonly LocatedRecord[],
): { readonly target: OpenTarget; readonly recordId: string } | null {
  const place = { item, path: record.id === undefined ? 'match' : 'id' };
  const [first] = rows;
  // What was wrong with the field that should match is told already.
  if (notes.broken.has(item)) return null;
  if (first === undefined) {
    report(notes, place, {
      code: 'write_record_unknown',
      message: `There is no record of ${visible.name} that you may write under that.`,
      fix: 'Give a `_ref` of an answer, a native id, or find the record with query_records.',
    });
    return null;
  }
  if (rows.some(({ row }) => row !== first.row)) {
    report(notes, place, {
      code: 'write_record_ambiguous',
      message: `Several records of ${visible.name} answer to that.`,
      fix: 'Name the one by its `_ref`.',
    });
    return null;
  }
  return chooseMember({ visible, targets, notes }, { item, record, members: first.members });
}

/** Of a row that several systems make up: the record of the one that decides, or that was named. */
function chooseMember(
  { visible, targets, notes }: Pick<Resolving, 'visible' | 'targets' | 'notes'>,
  { item, record, members }: ShapedRecord & Pick<LocatedRecord, 'members'>,
): { readonly target: OpenTarget; readonly recordId: string } | null {
  const open = targets.flatMap((target) =>
    members.filter(({ stream }) => stream === target.stream.stream).map(({ id }) => ({ target, recordId: id })),
  );
  const place = { item, path: record.id === undefined ? 'match' : 'id' };
  const [first, second] = open;
  if (first === undefined) {
    const where = slugsOf(
      visible,
      members.map(({ stream }) => stream),
    );
    report(notes, place, {
      code: 'write_out_of_scope',
      message: `The record is in ${where}, which does not take this.`,
      fix: 'Leave it out, or have the product team let that system be written.',
    });
    return null;
  }
  const named = open.find(
    ({ target: { stream }, recordId }) => record.id === `${stream.connectionSlug}/${stream.object.name}/${recordId}`,
  );
  if (second === undefined || (named === undefined && second.target !== first.target)) return first;
  if (named !== undefined) return named;
  report(notes, place, {
    code: 'write_record_ambiguous',
    message: `Several records of ${first.target.stream.connectionSlug} are taken for the same ${visible.name}.`,
    fix: 'Name the one by its `_ref`.',
  });
  return null;
}

function slugsOf({ sources }: VisibleObject, streams: readonly StreamId[]): string {
  const slugs = sources.filter(({ stream }) => streams.includes(stream)).map(({ connectionSlug }) => connectionSlug);
  return [...new Set(slugs)].join(' and ');
}

/** Which of two changes of one record would hold is nobody's guess. */
function withoutTwice(records: readonly ResolvedRecord[], notes: Notes): readonly ResolvedRecord[] {
  const seen = new Map<string, number>();
  return records.filter(({ item, record, target, recordId, match }) => {
    const name = recordId ?? (match === null ? null : JSON.stringify([match.field, match.value]));
    if (name === null) return true;
    const key = `${String(target.stream.stream)} ${name}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, item);
      return true;
    }
    report(notes, { item, path: record.id === undefined ? 'match' : 'id' }, sameRecord(first));
    return false;
  });
}
