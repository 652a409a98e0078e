import type { WriteOperation } from '../../connectors/index.ts';
import type { IntendedRecord } from '../types.ts';
import { report, type Notes } from './problems.ts';

/** Whether a record says what its operation needs, and nothing that it has no use for; mistakes are reported. */
export function checkRecordShape(
  { id, match, values }: IntendedRecord,
  operation: WriteOperation,
  item: number,
  notes: Notes,
): boolean {
  const wrong = (path: string, message: string): false => {
    report(notes, { item, path }, { code: 'write_shape_invalid', message, fix: shapes[operation] });
    return false;
  };
  const keys = Object.keys(match ?? {});
  const hasValues = Object.keys(values ?? {}).length > 0;
  if (operation === 'create') {
    if (id !== undefined || match !== undefined) return wrong('', 'A new record has no `id` and no `match`.');
    return hasValues || wrong('values', 'A new record needs values.');
  }
  if (operation === 'upsert') {
    if (id !== undefined)
      return wrong('id', 'An upsert finds its record by `match`; one whose id is known is updated.');
    if (keys.length !== 1) return wrong('match', 'An upsert matches by exactly one field.');
    if (match?.[keys[0] ?? ''] === null) return wrong('match', 'Nothing matches by an empty value.');
    return hasValues || wrong('values', 'An upsert needs values.');
  }
  if ((id === undefined) === (match === undefined))
    return wrong('', 'The record is named by `id` or found by `match`.');
  if (match !== undefined && keys.length !== 1) return wrong('match', 'It matches by exactly one field.');
  if (operation === 'delete') return values === undefined || wrong('values', 'A deletion has no values.');
  return hasValues || wrong('values', 'An update needs values.');
}

const shapes: Readonly<Record<WriteOperation, string>> = {
  create: 'Write {"values": {...}}.',
  update: 'Write {"id": "crm/Opportunity/006...", "values": {...}}, or {"match": {"field": value}, "values": {...}}.',
  upsert: 'Write {"match": {"field": value}, "values": {...}}.',
  delete: 'Write {"id": "crm/Opportunity/006..."}, or {"match": {"field": value}}.',
};
