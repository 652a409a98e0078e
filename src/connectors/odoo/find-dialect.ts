import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import type { HttpClient } from '../kit/http-client.ts';
import { jsonRpc, jsonRpcBody } from './dialects/jsonrpc.ts';
import { parseXmlRpc } from './dialects/xmlrpc.ts';
import type { DialectName } from './dialects/dialect.ts';
import { encodeCall } from './xml-rpc/encode.ts';

export interface Found {
  readonly dialect: DialectName;
  readonly major: number;
}

/** The first version that has JSON-2, and /web/version with it. RPC ends with 22. */
const JSON2_SINCE = 19;

/**
 * Asks the server what it is, in the order of preference: JSON-2 from 19 on,
 * JSON-RPC before that, XML-RPC where nothing else is let through. Nobody has
 * to be signed in for that. Raises `credentials_refused` where no Odoo answers.
 */
export async function findDialect(http: HttpClient, asked: DialectName | null): Promise<Found> {
  for (const { dialect, ask } of [
    { dialect: 'json2' as const, ask: askWeb },
    { dialect: 'jsonrpc' as const, ask: askJsonRpc },
    { dialect: 'xmlrpc' as const, ask: askXmlRpc },
  ]) {
    const major = await ask(http);
    if (major === null || (dialect === 'json2' && major < JSON2_SINCE)) continue;
    // Every way tells the version; which one is spoken may be the customer's choice.
    return { dialect: asked ?? dialect, major };
  }
  throw new GantryError('credentials_refused', {
    message: 'No Odoo answers at this address.',
    where: 'values.url',
    fix: 'Check the address; it is the one that people open in a browser, without a path.',
  });
}

async function askWeb(http: HttpClient): Promise<number | null> {
  const { body } = await http({ path: '/web/version', credential: () => ({}), accept: isNotThere, parse: parseOrNull });
  return isJsonObject(body) ? majorIn(body['version_info']) : null;
}

async function askJsonRpc(http: HttpClient): Promise<number | null> {
  const { body } = await http({
    method: 'POST',
    path: '/jsonrpc',
    headers: { 'content-type': jsonRpc.contentType },
    credential: () => ({ body: jsonRpcBody('common', 'version', []) }),
    accept: isNotThere,
    parse: (text, status) => orNull(() => jsonRpc.parse(text, status)),
  });
  return versionIn(body);
}

async function askXmlRpc(http: HttpClient): Promise<number | null> {
  const { body } = await http({
    method: 'POST',
    path: '/xmlrpc/2/common',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    credential: () => ({ body: encodeCall('version', []) }),
    accept: isNotThere,
    parse: (text) => orNull(() => parseXmlRpc(text)),
  });
  return versionIn(body);
}

/** A version that lacks the address, or a website in front of it that sends callers elsewhere. */
const isNotThere = (status: number): boolean => status >= 300 && status < 500 && status !== 429;

const parseOrNull = (text: string): Json => orNull(() => JSON.parse(text) as Json);

/** A page for people is an answer, too: "not here". */
function orNull(read: () => Json): Json {
  try {
    return read();
  } catch {
    return null;
  }
}

function versionIn(body: Json): number | null {
  const result = isJsonObject(body) ? body['result'] : undefined;
  return isJsonObject(result) ? majorIn(result['server_version_info']) : null;
}

/** `[17, 0, 0, "final", 0, ""]`; versions of the online service are texts such as `saas~18`. */
function majorIn(info: Json | undefined): number | null {
  const first: Json | undefined = Array.isArray(info) ? (info as readonly Json[])[0] : undefined;
  const major = typeof first === 'string' ? Number(/\d+/.exec(first)?.[0] ?? Number.NaN) : first;
  return typeof major === 'number' && Number.isInteger(major) ? major : null;
}
