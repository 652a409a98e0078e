import { isJsonObject, type Json } from '../../../kernel/index.ts';
import { decodeResponse } from '../xml-rpc/decode.ts';
import { encodeCall } from '../xml-rpc/encode.ts';
import { faultOf, rpcArguments, type Dialect } from './dialect.ts';

/** "External RPC API" as XML: what is left where a firewall lets nothing else through. */
export const xmlRpc: Dialect = {
  name: 'xmlrpc',
  path: () => '/xmlrpc/2/object',
  contentType: 'text/xml; charset=utf-8',
  credential: (call, { key, database, uid }) => ({
    body: encodeCall('execute_kw', [database, uid, key, call.model, call.method, ...rpcArguments(call)]),
  }),
  parse: (text) => parseXmlRpc(text),
};

export function parseXmlRpc(text: string): Json {
  const response = decodeResponse(text);
  return response.kind === 'result' ? { result: response.value } : faultIn(response.value);
}

/** The fault codes of /xmlrpc/2 (addons/rpc, controllers/xmlrpc.py). */
const FAULT_NAMES = new Map<Json | undefined, string>([
  [2, 'UserError'],
  [3, 'AccessDenied'],
  [4, 'AccessError'],
]);

function faultIn(value: Json): Json {
  const { faultCode, faultString } = isJsonObject(value) ? value : {};
  const text = typeof faultString === 'string' ? faultString : '';
  const known = FAULT_NAMES.get(faultCode);
  if (known !== undefined) return faultOf(known, text);
  const said = exceptionIn(text);
  return faultOf(/^[\w.]+(?=:|\n|$)/.exec(said)?.[0] ?? 'Exception', said);
}

/**
 * Code 1 is everything else, as a traceback: its frames are indented, and the
 * line after the last of them names the exception. Messages go on over several
 * lines, which may look like names themselves.
 */
function exceptionIn(text: string): string {
  const lines = text.slice(Math.max(0, text.lastIndexOf('Traceback (most recent call last)'))).split('\n');
  const isTraceback = lines[0]?.startsWith('Traceback') === true;
  const at = isTraceback ? lines.findIndex((line, index) => index > 0 && /^\S/.test(line)) : 0;
  return lines.slice(Math.max(0, at)).join('\n');
}
