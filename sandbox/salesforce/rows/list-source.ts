import type { Value } from '../schema/field.ts';
import type { BaseSource } from './source.ts';

/** Few records, written out: field by storage name -> value. All as old as the org. */
export function listSource(rows: readonly Readonly<Record<string, Value>>[], bornMs: number): BaseSource {
  return {
    count: rows.length,
    createdMs: () => bornMs,
    modifiedMs: () => bornMs,
    value: (row, storage) => rows[row]?.[storage],
    children: () => null,
  };
}
