export {
  lensMetaColumns,
  type Catalogue,
  type CatalogueDiagnostic,
  type CatalogueField,
  type CatalogueMany,
  type CatalogueObject,
  type CatalogueSource,
  type DuckType,
  type LensColumn,
  type LensLayout,
  type LensTable,
  type LensView,
  type TenantStream,
  type ViewPart,
} from './catalogue.ts';
export { isShowable } from './clean-text.ts';
export { compileCatalogue } from './compile-catalogue.ts';
export { quoteName, quoteText } from './sql-text.ts';
export { relationFor } from './view-select.ts';
