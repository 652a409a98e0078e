import { externalIdField, isSaveError, namedBy, withParents } from '../writes/external-id.ts';
import type { IntendedWrite } from '../writes/save.ts';
import { saveError, type SaveError } from '../writes/save-error.ts';
import type { Saver, Wanted } from '../writes/saver.ts';
import type { Effect } from '../../kit/index.ts';
import type { IngestJob, RowResult } from './ingest-job.ts';

/** Bulk API 2.0 guide, "Valid CSV Record Rows": empties a field; a cell without anything leaves it alone. */
const NULL_CELL = '#N/A';

type Cells = Readonly<Record<string, string>>;

/** Why a job's columns cannot be; null: they can. */
export function columnError({ request, writer }: IngestJob, columns: readonly string[]): string | null {
  const { object, externalId, operation } = request;
  const has = (name: string): boolean => columns.some((one) => one.toLowerCase() === name.toLowerCase());
  if ((operation === 'update' || operation === 'delete') && !has('Id'))
    return 'InvalidBatch : Field name not found : Id';
  if (operation === 'delete' && columns.length > 1)
    return 'InvalidBatch : Field name provided, does not match an id for a delete operation';
  if (externalId !== null && !has(externalId.name)) return `InvalidBatch : Field name not found : ${externalId.name}`;
  for (const name of columns) {
    const [relation = '', column] = name.split('.');
    const known =
      column === undefined
        ? writer.seen.schema.field(object.name, name) !== undefined
        : object.fields.some((field) => field.relationshipName?.toLowerCase() === relation.toLowerCase());
    if (!known) return `InvalidBatch : Field name not found : ${name}`;
  }
  return null;
}

/** Writes rows of a job and says what became of each. */
export function writeRows(
  saver: Saver,
  job: IngestJob,
  from: number,
  to: number,
): { readonly results: readonly RowResult[]; readonly effects: readonly Effect[] } {
  const { file, writer } = job;
  const results: RowResult[] = [];
  const effects: Effect[] = [];
  for (let row = from; row < to; row += 1) {
    const wanted = wantedOf(saver, job, cellsOf(file?.columns ?? [], file?.rows[row] ?? []));
    const [saved] = saver.save(writer, [wanted]);
    if (saved?.kind === 'saved') {
      effects.push(...saved.effects);
      results.push({ kind: 'saved', row, id: saved.id, created: saved.created });
    } else {
      const id = 'op' in wanted ? (wanted.id ?? '') : '';
      results.push({ kind: 'failed', row, id, error: errorText(saved?.errors ?? []) });
    }
  }
  return { results, effects };
}

function cellsOf(columns: readonly string[], values: readonly string[]): Cells {
  return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? '']));
}

function wantedOf(saver: Saver, { request, writer }: IngestJob, cells: Cells): Wanted {
  const { object, operation, externalId } = request;
  const { seen } = writer;
  const written = Object.entries(cells)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name, value === NULL_CELL ? null : value] as const);
  const own = (name: string): string => {
    const value = written.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
    return typeof value === 'string' ? value : '';
  };
  const without = (name: string) => written.filter(([one]) => one.toLowerCase() !== name.toLowerCase());
  const make = (
    op: IntendedWrite['op'],
    id: string | null,
    fields: readonly (readonly [string, unknown])[],
    marker: string | null = null,
  ): Wanted => {
    const resolved = withParents(seen, saver.indexes, object, Object.fromEntries(fields));
    if (isSaveError(resolved)) return resolved;
    return { op, object, id, fields: resolved, spelling: 'text', marker };
  };
  switch (operation) {
    case 'insert':
      return make('create', null, without('Id'));
    case 'update':
    case 'delete': {
      const id = own('Id');
      if (id === '') return saveError('MISSING_ARGUMENT', 'Id not specified', []);
      return make(operation, id, operation === 'delete' ? [] : without('Id'));
    }
    case 'upsert': {
      const field = externalId ?? externalIdField(seen, object, 'Id');
      const value = field === null ? '' : own(field.name);
      if (field === null || (value === '' && field.type !== 'id'))
        return saveError('MISSING_ARGUMENT', `${externalId?.name ?? 'Id'} not specified`, []);
      const ids = value === '' ? [] : namedBy(seen, saver.indexes, object, field, value);
      if (ids.length > 1)
        return saveError(
          'DUPLICATE_EXTERNAL_ID',
          `${field.name}: more than one record found for external id field: [${ids.join(', ')}]`,
        );
      const [id = null] = ids;
      return make(id === null ? 'create' : 'update', id, id === null ? written : without(field.name), value);
    }
  }
}

/** `CODE:message:Field1 Field2 --`, as the results write it. */
function errorText(errors: readonly SaveError[]): string {
  return errors.map(({ statusCode, message, fields }) => `${statusCode}:${message}:${fields.join(' ')} --`).join(';');
}
