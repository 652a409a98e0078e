export {
  lensMetaColumns,
  type Catalogue,
  type CatalogueDiagnostic,
  type CatalogueField,
  type CatalogueMany,
  type CatalogueObject,
  type CatalogueSource,
  type DerivedFeed,
  type DuckType,
  type LensColumn,
  type LensDerived,
  type LensLayout,
  type LensTable,
  type LensView,
  type MergeView,
  type TenantStream,
  type ViewColumn,
  type ViewPart,
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
export { leftOutSql } from './left-out-sql.ts';
export { quoteName, quoteText } from './sql-text.ts';
export type { DocumentReader, DocumentReaders, DocumentValues } from './read-document.ts';
export { relationFor, sourcesFor, streamsFor } from './view-select.ts';
