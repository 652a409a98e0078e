export { createApi, type ApiErrorEvent, type ApiOptions } from './api.ts';
export type {
  ConnectionUseCases,
  LensUseCases,
  FinishedConnect,
  Operator,
  ProjectUseCases,
  Readiness,
  RestError,
  RestOutcome,
  RestTool,
  RestTools,
  SignIn,
  SignInMethod,
  SignInMethods,
  StartConnect,
  StartedConnect,
  SyncNow,
} from './ports.ts';
