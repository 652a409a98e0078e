export { coerce, type Coerced } from './coerce.ts';
export {
  fieldTypes,
  type EnumValue,
  type FieldType,
  type NativeField,
  type NativeObject,
  type NativeObjectSummary,
  type NativeRule,
  type RecordType,
} from './native.ts';
