import type { Hono } from 'hono';
import { GantryError, toGantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { callbackHeaders, callbackPage, type CallbackResult } from './callback-page.ts';
import { heldToken } from './connect-cookie.ts';
import { redirect } from './connect-routes.ts';
import type { ApiEnv } from './respond.ts';

/** The way back from a provider's login. */
export function addCallbackRoute<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  app.get('/oauth/callback', async (context) => {
    const connectToken = heldToken(context.req.raw, options.connectPage.secure);
    const { result, status } = await finish(
      { ...context.req.query(), connectToken },
      options,
      context.get('requestId'),
    );
    if (result.kind === 'connected' && result.connection.byConnectPage === true) return redirect('/connect/done');
    // Somebody who came from the connect page is shown the way back to it.
    const again = connectToken !== null && result.kind !== 'connected';
    return new Response(callbackPage(result, again), { status, headers: callbackHeaders });
  });
}

/** The outcome for the person in the browser; thrown things become a page as well, told to the log. */
async function finish<Session>(
  query: {
    readonly state?: string;
    readonly code?: string;
    readonly error?: string;
    readonly connectToken: string | null;
  },
  { connections, onError }: ApiOptions<Session>,
  requestId: string,
): Promise<{ result: CallbackResult; status: number }> {
  const { state, code, error: refusal, connectToken } = query;
  try {
    if (state === undefined || state === '') throw badCallback('state');
    if (refusal !== undefined) {
      await connections.abandonConnect({ state, error: refusal.slice(0, 100) });
      return { result: { kind: 'declined' }, status: 200 };
    }
    if (code === undefined || code === '') throw badCallback('code');
    const connection = await connections.finishConnect({ state, code, connectToken });
    return { result: { kind: 'connected', connection }, status: 200 };
  } catch (thrown) {
    const error = toGantryError(thrown);
    onError?.({
      requestId,
      method: 'GET',
      path: '/oauth/callback',
      code: error.code,
      status: error.status,
      cause: error.status >= 500 ? (error.cause ?? error) : null,
    });
    return { result: { kind: 'failed', error: error.toBody(), requestId }, status: error.status };
  }
}

function badCallback(missing: 'state' | 'code'): GantryError {
  return new GantryError('bad_request', {
    message: `The provider sent you back without \`${missing}\`.`,
    where: missing,
    fix: 'Open a new connect link and try again.',
  });
}
