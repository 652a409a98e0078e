export type {
  Catalogue,
  CatalogueDiagnostic,
  CatalogueField,
  CatalogueMany,
  CatalogueObject,
  CatalogueSource,
  DerivedFeed,
  DuckType,
  LensColumn,
  LensDerived,
  LensLayout,
  LensTable,
  LensView,
  MergeView,
  TenantStream,
  ViewColumn,
  ViewPart,
  VisibleClasses,
} from './catalogue.ts';
export { cleanDescription, cleanLabel, isShowable } from './clean-text.ts';
export { compileCatalogue } from './compile-catalogue.ts';
export {
  inverseOf,
  type FieldInverse,
  type InverseOptions,
  type NativeValue,
  type NothingWritten,
  type Refused,
} from './inverse/inverse-of.ts';
export { recordWriters, type RecordWriter } from './inverse/record-writers.ts';
export { leftOutSql } from './left-out-sql.ts';
export { namesField, type NamedField } from './names-field.ts';
export { unmatchedSql } from './unmatched-sql.ts';
export { quoteName, quoteText } from './sql-text.ts';
export type { DocumentReader, DocumentReaders, DocumentValues } from './read-document.ts';
export { keysFor } from './restrict/keys-sql.ts';
export { classedTables, type ClassedTable } from './restrict/classed-tables.ts';
export { createRestrictor, type RestrictedObject } from './restrict/restrict-object.ts';
export { lookedUpBy, lookedUpSql, lookUpSteps, onlyLookedUp, type LookedUpRequest } from './restrict/looked-up.ts';
export type { Sights, StreamSight } from './restrict/sights.ts';
export { relationFor, sourcesFor, streamsFor } from './view-select.ts';
