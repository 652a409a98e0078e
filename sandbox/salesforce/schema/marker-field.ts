import { field, type FieldDef } from './field.ts';

export const MARKER_FIELD = 'Gantry_Key__c';

/** Objects whose records programs make. */
const MARKED: ReadonlySet<string> = new Set([
  'Account',
  'Contact',
  'Opportunity',
  'Lead',
  'Case',
  'Campaign',
  'Task',
  'Event',
  'Vertrag__c',
]);

/**
 * The external id that the customer's admin made for programs that write: by
 * it a program knows the record that it made. Empty on all records until then.
 */
export function markerField(object: string): readonly FieldDef[] {
  if (!MARKED.has(object)) return [];
  const help = 'Schlüssel des Programms, das den Datensatz angelegt hat';
  return [field(MARKER_FIELD, 'Gantry Key', 'string', { length: 80, externalId: true, unique: true, help })];
}
