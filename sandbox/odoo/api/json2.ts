import { bearerToken, html, json, parseJson, type SandboxRequest, type SandboxResponse } from '../../kit/index.ts';
import { OdooError, serialized } from '../errors.ts';
import type { Org } from '../org.ts';
import { bindingProblem, idList } from '../orm/bind.ts';
import type { Effects } from '../orm/write.ts';
import { methodOf } from '../orm/methods.ts';
import { NOT_FOUND_PAGE, UNSUPPORTED_PAGE } from './pages.ts';
import { run } from './run.ts';
import { envOf } from './session.ts';

/**
 * `POST /json/2/<model>/<method>`: named arguments in, the bare result out, and
 * failures as HTTP statuses with the exception as body (odoo/documentation,
 * external_api.rst; addons/rpc/controllers/json2.py; odoo/http/dispatcher.py).
 */
export function json2(org: Org, request: SandboxRequest): SandboxResponse {
  const database = request.headers['x-odoo-database'];
  // Without the database there is no such route, and the page says so in HTML.
  if (database !== undefined && database !== org.database) return html(404, NOT_FOUND_PAGE);
  const token = bearerToken(request);
  if (token === null) return unauthorized('User not authenticated, use the "Authorization" header');
  const uid = org.keys.check(token);
  const login = org.logins().find((each) => each.uid === uid && each.active);
  if (login === undefined) return unauthorized('Invalid apikey');
  const effects: Effects = [];
  const answer = answered(org, request, login.uid, effects);
  return { ...answer, user: login.login, effects };
}

function answered(org: Org, request: SandboxRequest, uid: number, effects: Effects): SandboxResponse {
  const { model = '', method: name = '' } = request.params;
  if (request.body !== '' && !(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return {
      ...html(415, UNSUPPORTED_PAGE),
      headers: { 'content-type': 'text/html; charset=utf-8', accept: 'application/json' },
    };
  }
  const body = request.body === '' ? {} : parseJson(request.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return httpError('BadRequest', 400, 'could not parse the body as json: Expecting value');
  }
  const { ids, context, ...args } = body as Readonly<Record<string, unknown>>;
  if (org.registry.get(model) === undefined) return httpError('NotFound', 404, `the model '${model}' does not exist`);
  try {
    const env = envOf(org, uid, context);
    const method = methodOf(env, model, name);
    if (method.onModel && Array.isArray(ids) && ids.length > 0) {
      return httpError('UnprocessableEntity', 422, `cannot call ${model}.${name} with ids`);
    }
    const problem = bindingProblem(method, args);
    if (problem !== null) return httpError('UnprocessableEntity', 422, problem);
    const result = run(org, method, {
      env,
      model,
      ids: method.onModel ? [] : idList(ids ?? []),
      args,
      effects,
      door: 'json2',
    });
    return json(200, result ?? null);
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    if (error.kind === 'attribute') return httpError('NotFound', 404, error.message);
    return json(error.status, serialized(error));
  }
}

type HttpError = 'BadRequest' | 'NotFound' | 'UnprocessableEntity' | 'Unauthorized';

export function httpError(
  name: HttpError,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  const python = `werkzeug.exceptions.${name}`;
  const debug = `Traceback (most recent call last):\n${python}: ${status}: ${message}\n`;
  return json(status, { name: python, message, arguments: [message, status], context: {}, debug }, headers);
}

function unauthorized(message: string): SandboxResponse {
  return httpError('Unauthorized', 401, message, { 'www-authenticate': 'Bearer' });
}
