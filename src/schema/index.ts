export type { EnumValue, FieldType, NativeField, NativeObject, NativeObjectSummary } from './native.ts';
