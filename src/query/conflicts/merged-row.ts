import type { VisibleObject } from '../../access/index.ts';
import { canonicalJson, limits, type Json, type StreamId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { quoteName, relationFor, sourcesFor, type CatalogueField } from '../../mapping/index.ts';
import { cutCell } from '../cells.ts';
import { param, type CompileContext } from '../compile/context.ts';
import { referenceOf } from '../references.ts';
import type { Answer, FieldConflict } from '../types.ts';

/** A row that the caller may see: whose records it is made of is for the caller to know, of visible fields. */
export interface RowRequest {
  readonly object: VisibleObject;
  readonly stream: StreamId;
  readonly id: string;
  /** Fields of the object itself that the answer shows. */
  readonly fields: readonly CatalogueField[];
}

/**
 * Which system each shown value of a merged row is from, and the values that
 * were not taken. Nothing for a row that one record alone makes up. A record
 * that says nothing of the shown fields is not named: what it has is hidden,
 * and so is that it is there. Row and records are read in one statement, so
 * that they are of one moment.
 */
export async function mergedRow(
  lens: Lens,
  context: CompileContext,
  { object, stream, id, fields }: RowRequest,
): Promise<Pick<Answer, 'merged_from' | 'conflicts'>> {
  const own: CompileContext = { ...context, params: [] };
  const names = fields.map((field) => field.column);
  const sources = sourcesFor(object, names);
  if (sources === null) return {};
  const columns = [...names.map((name) => `s.${quoteName(name)}`), ...names.map((name) => `r.${quoteName(name)}`)];
  const record = `s._row_stream = ${stream} and s._row_id = cast(${param(own, id)} as varchar)`;
  const row = `r._stream = ${stream} and r._id = cast(${param(own, id)} as varchar)`;
  const { rows } = await lens.read(context.caller.tenant, {
    sql:
      `select ${['s._stream', 's._id', ...columns].join(', ')}\nfrom ${sources} as s\n` +
      `join ${relationFor(object, names)} as r on ${row}\nwhere ${record}`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  if (rows.length < 2) return {};
  const order = new Map(object.parts?.map((part, at) => [Number(part.stream), at]));
  const ref = referenceOf(object);
  const records = rows
    .map(([recordStream, recordId, ...values]) => ({
      at: order.get(Number(recordStream)) ?? 0,
      ref: ref(recordStream, recordId),
      values: values.slice(0, names.length),
      shown: values.slice(names.length),
    }))
    .toSorted((a, b) => a.at - b.at);
  return compare(object, fields, records);
}

interface SourceRecord {
  readonly at: number;
  readonly ref: string;
  readonly values: readonly Json[];
  /** The row's own values. */
  readonly shown: readonly Json[];
}

function compare(
  { merge }: VisibleObject,
  fields: readonly CatalogueField[],
  records: readonly SourceRecord[],
): Pick<Answer, 'merged_from' | 'conflicts'> {
  const from = new Map<SourceRecord, string[]>();
  const conflicts: FieldConflict[] = [];
  const [row] = records;
  fields.forEach((field, index) => {
    const deciding = merge?.order.get(field.column) ?? [];
    const said = deciding.flatMap((at) =>
      records.filter((record) => record.at === at && hasValue(record.values[index])),
    );
    const isShown = (record: SourceRecord): boolean =>
      canonicalJson(record.values[index] ?? null) === canonicalJson(record.shown[index] ?? null);
    const taken = said.find(isShown);
    if (taken === undefined || row === undefined) return;
    for (const record of said) {
      const given = from.get(record) ?? [];
      from.set(record, record === taken ? [...given, field.name] : given);
      if (isShown(record)) continue;
      const other = cutCell(record.values[index] ?? null);
      conflicts.push({ ref: row.ref, field: field.name, other_ref: record.ref, other });
    }
  });
  return {
    merged_from: records.flatMap((record) => {
      const given = from.get(record);
      return given === undefined ? [] : [{ ref: record.ref, fields: given }];
    }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
  };
}

/** Missing and empty values contradict nobody. */
const hasValue = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
