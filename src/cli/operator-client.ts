import type { Environment } from '../app/index.ts';
import { GantryError, isJsonObject, send, type ErrorCode, type Json, type JsonObject } from '../kernel/index.ts';

const SET_KEY = 'Set it to a key of your own (gantry operators add), or to the one that the server was started with.';

/** Calls the running server's operator endpoints, as `GANTRY_PUBLIC_URL` and `GANTRY_OPERATOR_KEY` name it. */
export async function askServer(
  env: Environment,
  request: { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly body?: Json },
): Promise<JsonObject> {
  const key = env['GANTRY_OPERATOR_KEY'];
  if (key === undefined || key === '') {
    throw new GantryError('config_invalid', {
      message: 'This command asks the running server, which wants to know who asks.',
      where: 'GANTRY_OPERATOR_KEY',
      fix: SET_KEY,
    });
  }
  const port = env['GANTRY_PORT'] ?? '7070';
  const url = (env['GANTRY_PUBLIC_URL'] ?? `http://${env['GANTRY_HOST'] ?? '127.0.0.1'}:${port}`).replace(/\/+$/, '');
  const response = await send('cli.operator', `${url}${request.path}`, {
    method: request.method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  }).catch((cause: unknown) => {
    throw new GantryError('config_invalid', {
      message: `No server answers at ${url}.`,
      where: 'GANTRY_PUBLIC_URL',
      fix: 'Start it with `gantry serve`, or set GANTRY_PUBLIC_URL to where it listens.',
      cause,
    });
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && isJsonObject(body)) return body;
  const error = isJsonObject(body) && isJsonObject(body['error']) ? body['error'] : body;
  // Other answers with 401 are about a provider's sign-in, not about ours.
  if (response.status === 401 && (!isJsonObject(error) || error['code'] === 'unauthenticated')) {
    throw new GantryError('unauthenticated', {
      message: `The server at ${url} does not know this operator key.`,
      where: 'GANTRY_OPERATOR_KEY',
      fix: SET_KEY,
    });
  }
  throw remoteError(error, response.status, url);
}

/** The server's error as if it had been raised here. */
function remoteError(error: unknown, status: number, url: string): GantryError {
  if (isJsonObject(error) && typeof error['code'] === 'string' && typeof error['message'] === 'string') {
    const { where, fix, suggestions } = error;
    return new GantryError(error['code'] as ErrorCode, {
      message: error['message'],
      ...(typeof where === 'string' ? { where } : {}),
      ...(typeof fix === 'string' ? { fix } : {}),
      ...(Array.isArray(suggestions) ? { suggestions: suggestions.map(String) } : {}),
    });
  }
  return new GantryError('config_invalid', {
    message: `${url} answered ${String(status)} with something that is not Gantry.`,
    where: 'GANTRY_PUBLIC_URL',
  });
}
