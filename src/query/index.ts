export { createQueryService } from './create-query-service.ts';
export type { QueryDeps } from './query-records.ts';
export type {
  Answer,
  AnswerSource,
  CatalogMatch,
  DescribeAnswer,
  DescribeRequest,
  FieldDescription,
  Freshness,
  GetRequest,
  ObjectDescription,
  QueryRequest,
  QueryScope,
  QueryService,
  SearchAnswer,
  SearchRequest,
  SqlRequest,
} from './types.ts';
