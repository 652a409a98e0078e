export { createApi, type ApiErrorEvent, type ApiOptions } from './api.ts';
export type {
  ConnectionUseCases,
  FinishedConnect,
  Operator,
  Readiness,
  RestError,
  RestOutcome,
  RestTool,
  RestTools,
  StartConnect,
  StartedConnect,
  SyncNow,
} from './ports.ts';
