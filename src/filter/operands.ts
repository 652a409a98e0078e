import type { Filter, Operand } from './ast.ts';

/** Every field and measure that a filter names, in order; those inside a measure's `where` belong to the measure. */
export function operandsOf(filter: Filter): Operand[] {
  switch (filter.kind) {
    case 'and':
      return filter.all.flatMap(operandsOf);
    case 'or':
      return filter.any.flatMap(operandsOf);
    case 'not':
      return operandsOf(filter.not);
    case 'compare':
    default:
      return [filter.operand];
  }
}
