import type { SoqlOrg } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';

/** Live records of an object whose look-up field points at a record, ascending. */
export function childRows(
  org: Pick<SoqlOrg, 'table'>,
  object: string,
  field: FieldDef,
  parentId: string,
): readonly number[] {
  const table = org.table(object);
  const short = parentId.slice(0, 15);
  const points = (row: number): boolean => {
    const value = table.value(row, field);
    return !table.isDeleted(row) && typeof value === 'string' && value.slice(0, 15) === short;
  };
  const indexed = table.children(field.storage, parentId);
  const untouched = indexed ?? Array.from({ length: table.baseCount() }, (_empty, row) => row);
  const own = untouched.filter((row) => !table.isTouched(row) && (indexed !== null || points(row)));
  return [...own, ...table.touched().filter(points)].toSorted((a, b) => a - b);
}
