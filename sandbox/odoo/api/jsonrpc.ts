import { json, parseJson, type SandboxRequest, type SandboxResponse } from '../../kit/index.ts';
import { OdooError, serialized } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Effects } from '../orm/write.ts';
import { dispatch, serverVersion, type ServiceAnswer } from './services.ts';

/** `POST /jsonrpc` with `{params: {service, method, args}}`. Failures come with status 200, too. */
export function jsonRpc(org: Org, request: SandboxRequest): SandboxResponse {
  const effects: Effects = [];
  return envelope(org, request, effects, (params) => {
    const { service, method, args } = params;
    return dispatch(org, String(service), String(method), Array.isArray(args) ? (args as unknown[]) : [], effects);
  });
}

/** `POST /web/webclient/version_info`, which nobody has to sign in for. */
export function versionInfoCall(org: Org, request: SandboxRequest): SandboxResponse {
  return envelope(org, request, [], () => ({ result: serverVersion(org), user: null }));
}

function envelope(
  org: Org,
  request: SandboxRequest,
  effects: Effects,
  run: (params: Readonly<Record<string, unknown>>) => ServiceAnswer,
): SandboxResponse {
  const body = parseJson(request.body);
  if (body === undefined)
    return { status: 400, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'Invalid JSON data' };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { status: 400, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'Invalid JSON-RPC data' };
  }
  const { id = null, params = {} } = body as { readonly id?: unknown; readonly params?: Record<string, unknown> };
  try {
    const { result, user } = run(params);
    // A method that gives nothing leaves the key away.
    const answer = { jsonrpc: '2.0', id, ...(result === undefined || result === null ? {} : { result }) };
    return { ...json(200, answer), effects, ...(user === null ? {} : { user }) };
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    // 18 stopped telling programs anything by the code.
    const code = org.version >= 19 ? 0 : 200;
    return json(200, { jsonrpc: '2.0', id, error: { code, message: 'Odoo Server Error', data: serialized(error) } });
  }
}
