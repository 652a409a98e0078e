export { fillParams, type SavedQuery, type SavedQueryParam } from '../manifest/index.ts';
export { createQueryService } from './create-query-service.ts';
export { countLeftOut, type LeftOut } from './left-out.ts';
export { countUnmatched, type Unmatched } from './unmatched.ts';
export type { LocatedRecord, LocateRequest } from './locate.ts';
export { followsLinks } from './follows-links.ts';
export { referenceOf } from './references.ts';
export { shownReader } from './rights/shown-reader.ts';
export { accessUnknown, awaitedStreams } from './rights/withheld.ts';
export type { AccessPort, GoneDocument, Past, PastVersions, QueryDeps } from './deps.ts';
export type {
  Answer,
  AnswerSource,
  CatalogMatch,
  Conversion,
  DescribeAnswer,
  DescribeRequest,
  FieldDescription,
  Freshness,
  GetRequest,
  LongValue,
  IntentDescription,
  ObjectDescription,
  PendingRow,
  QueryRequest,
  QueryScope,
  QueryService,
  RecordChange,
  SearchAnswer,
  SearchRequest,
  SqlRequest,
  ValueAnswer,
  ValueRequest,
} from './types.ts';
