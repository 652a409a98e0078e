import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import { parseJson } from '../../kit/response-body.ts';
import { faultOf, rpcArguments, type Dialect } from './dialect.ts';

/** "External RPC API" as JSON: one address, the service in the body, errors with status 200. */
export const jsonRpc: Dialect = {
  name: 'jsonrpc',
  path: () => '/jsonrpc',
  contentType: 'application/json; charset=utf-8',
  credential: (call, { key, database, uid }) => ({
    body: jsonRpcBody('object', 'execute_kw', [database, uid, key, call.model, call.method, ...rpcArguments(call)]),
  }),
  parse: (text) => {
    const value = parseJson(text);
    if (!isJsonObject(value)) return value;
    // A result of nothing is left out by older servers.
    return isJsonObject(value['error']) ? faultIn(value['error']) : { result: value['result'] ?? null };
  },
};

export function jsonRpcBody(service: string, method: string, args: readonly Json[]): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } });
}

/** `code` has carried several meanings; the exception's name has not. */
function faultIn(error: JsonObject): Json {
  const { name, message } = isJsonObject(error['data']) ? error['data'] : {};
  const sentence = typeof message === 'string' ? message : '';
  if (typeof name === 'string') return faultOf(name, sentence);
  return faultOf(error['code'] === 404 ? 'NotFound' : 'Exception', sentence);
}
