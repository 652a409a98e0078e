export type {
  CompareOp,
  Comparison,
  Filter,
  FilterJson,
  FilterValue,
  MeasureOp,
  Operand,
  RelatedMeasure,
} from './ast.ts';
export { bindComparison, valueKindOf, type BoundTest, type Scalar, type ValueKind } from './bind.ts';
export { matches, type FilterRow, type TypedValue } from './matches.ts';
export { operandsOf } from './operands.ts';
export { partsOf } from './parts.ts';
export { checkFilter, compareOps, parseFilter, parseMeasure } from './parse-filter.ts';
export { measureOps, parseConversion } from './parse-operand.ts';
