import { GantryError, isJsonObject, limits, type JsonObject } from '../../kernel/index.ts';
import type { AccessToken, CredentialField, CredentialMethod, ProviderAccess } from '../contract.ts';
import type { ConnectorDeps } from '../kit/declared-connector.ts';
import { httpClient, type HttpClient, type HttpDialect } from '../kit/http-client.ts';
import { odooCall } from './call.ts';
import { contextOf, dialectNames, type DialectName, type OdooFacts } from './dialects/dialect.ts';
import { jsonRpc, jsonRpcBody } from './dialects/jsonrpc.ts';
import { parseXmlRpc } from './dialects/xmlrpc.ts';
import { findDialect } from './find-dialect.ts';
import { encodeCall } from './xml-rpc/encode.ts';

const fields: readonly CredentialField[] = [
  // Odoo runs anywhere: at odoo.com, or on a server of the customer's own.
  { name: 'url', title: 'Address of Odoo, as in the browser', secret: false, optional: false, hosts: ['*'] },
  { name: 'database', title: 'Name of the database', secret: false, optional: false },
  { name: 'login', title: 'User name; needed before version 19', secret: false, optional: true },
  { name: 'api_key', title: 'API key (Preferences, Account Security)', secret: true, optional: false },
  // Odoo 18 on asks how long a key lives when it is made, and tells nobody before it ends.
  { name: 'expires_on', title: 'Day on which the key ends (2027-01-31), if it does', secret: false, optional: true },
  { name: 'protocol', title: 'json2, jsonrpc or xmlrpc; found out where empty', secret: false, optional: true },
];

/**
 * An API key of a user, at its best one made for the purpose. JSON-2 takes it
 * as a bearer token; RPC takes it in the place of the password, together with
 * the user's number, which is looked up once here.
 */
export function apiKeyMethod(dialect: HttpDialect, deps: ConnectorDeps): CredentialMethod {
  return {
    name: 'api_key',
    title: 'API key',
    fields,
    async signIn(_app, values) {
      const { url: apiUrl = '', database = '', login = '', api_key: key = '' } = values;
      refuseUnsendable(database, key);
      const asked = protocolIn(values['protocol']);
      const quick = { ...deps, deadlineMs: Math.min(deps.deadlineMs ?? Infinity, limits.signInTimeoutMs) };
      const clientFor = (context?: AccessToken['context']): HttpClient =>
        httpClient(accessOf(apiUrl, key, context), dialect, quick);
      const found = await findDialect(clientFor(), asked);
      const facts: OdooFacts = { ...found, database, uid: 0 };
      // JSON-2 has no sign-in of its own: the first call shows whether the key is any good.
      const uid =
        found.dialect === 'json2'
          ? await ownNumber(clientFor(contextOf(facts)), accessOf(apiUrl, key, contextOf(facts)))
          : await authenticate(clientFor(), found.dialect, { database, login, key });
      const context = contextOf({ ...facts, uid });
      return { accessToken: key, refreshToken: null, expiresInS: null, scope: null, apiUrl, context };
    },
  };
}

/** Keys and names of databases travel in headers. */
function refuseUnsendable(database: string, key: string): void {
  if (!/^[\w.-]+$/.test(database)) throw refused('A database has another kind of name.', 'values.database');
  if (!/^[\u0021-\u007e]+$/.test(key)) throw refused('An API key looks different.', 'values.api_key');
}

function protocolIn(text: string | undefined): DialectName | null {
  if (text === undefined) return null;
  const found = dialectNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new GantryError('bad_request', {
    message: 'Odoo is not reached by such a protocol.',
    where: 'values.protocol',
    allowed: dialectNames,
  });
}

interface Login extends JsonObject {
  readonly database: string;
  readonly login: string;
  readonly key: string;
}

/** The user's number, by the RPC service for that. A wrong user or key is `false`, not an error. */
async function authenticate(http: HttpClient, dialect: 'jsonrpc' | 'xmlrpc', login: Login): Promise<number> {
  if (login.login === '') {
    throw new GantryError('bad_request', {
      message: 'This Odoo is reached by RPC, which needs the user name as well.',
      where: 'values.login',
      fix: 'Enter the name that the user signs in with.',
    });
  }
  const args = [login.database, login.login, login.key, {}];
  const isXml = dialect === 'xmlrpc';
  const body = isXml ? encodeCall('authenticate', args) : jsonRpcBody('common', 'authenticate', args);
  const answer = await http({
    method: 'POST',
    path: isXml ? '/xmlrpc/2/common' : '/jsonrpc',
    headers: { 'content-type': isXml ? 'text/xml; charset=utf-8' : jsonRpc.contentType },
    credential: () => ({ body }),
    parse: isXml ? parseXmlRpc : jsonRpc.parse,
  });
  const uid = isJsonObject(answer.body) ? answer.body['result'] : null;
  if (typeof uid === 'number' && uid > 0) return uid;
  throw refused('Odoo does not accept this user name with this API key.', 'values.api_key');
}

async function ownNumber(http: HttpClient, access: ProviderAccess): Promise<number> {
  const { result } = await odooCall({ http, access }, 'res.users', 'context_get', {});
  const uid = isJsonObject(result) ? result['uid'] : null;
  return typeof uid === 'number' ? uid : 0;
}

/** Before there is a connection: the key that was entered is the only one. */
function accessOf(apiUrl: string, accessToken: string, context: AccessToken['context']): ProviderAccess {
  const token: AccessToken = { accessToken, generation: 0, ...(context === undefined ? {} : { context }) };
  return {
    apiUrl,
    token: async () => token,
    renew: () => Promise.reject(refused('Odoo does not accept this API key.', 'values.api_key')),
  };
}

function refused(message: string, where: string): GantryError {
  return new GantryError('credentials_refused', { message, where });
}
