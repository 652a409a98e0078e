import type { SessionWrites, WriteOperation } from '../../connectors/index.ts';
import type { WriteTarget } from '../deps.ts';
import type { PlannedOperation } from '../types.ts';
import { fieldWrites } from './field-writes.ts';

/** What connectors are told of an operation: a field is made as a record is, by a way of its own (field-writes.ts). */
export const asRecords = (operation: PlannedOperation): WriteOperation =>
  operation === 'create_field' ? 'create' : operation;

/** The way to write there so; null: the connector has none. */
export function writesFor({ writes }: Pick<WriteTarget, 'writes'>, operation: PlannedOperation): SessionWrites | null {
  if (operation !== 'create_field' || writes === null) return writes;
  return writes.fields === undefined ? null : fieldWrites(writes.fields);
}
