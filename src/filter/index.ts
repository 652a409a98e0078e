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
