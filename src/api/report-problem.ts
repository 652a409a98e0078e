import type { Context } from 'hono';
import { toGantryError, type ErrorBody } from '../kernel/index.ts';
import type { ApiErrorEvent } from './api.ts';
import type { ApiEnv } from './respond.ts';

export interface Problem {
  readonly error: ErrorBody;
  readonly requestId: string;
  readonly status: number;
}

/** What went wrong, told to the log without the address's query, and as a page says it. `path`: where the address itself tells too much. */
export function reportProblem(
  { onError }: { readonly onError?: (event: ApiErrorEvent) => void },
  context: Context<ApiEnv>,
  thrown: unknown,
  path = context.req.path,
): Problem {
  const error = toGantryError(thrown);
  const requestId = context.get('requestId');
  onError?.({
    requestId,
    method: context.req.method,
    path,
    code: error.code,
    status: error.status,
    cause: error.status >= 500 ? (error.cause ?? error) : null,
  });
  return { error: error.toBody(), requestId, status: error.status };
}
