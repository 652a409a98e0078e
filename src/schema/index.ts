export { coerce, type Coerced } from './coerce.ts';
export type { EnumValue, FieldType, NativeField, NativeObject, NativeObjectSummary } from './native.ts';
