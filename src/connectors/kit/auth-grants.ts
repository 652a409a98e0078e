import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { GantryError, type JsonObject } from '../../kernel/index.ts';
import type { TokenSet } from '../contract.ts';
import { isSendable, lifeIn, notAToken, tokenCall, type AuthCall } from './auth-call.ts';
import type { CredentialOf } from './auth-declaration.ts';
import type { AuthProvider, SignInCall } from './auth-methods.ts';
import { percentEncoded } from './oauth1.ts';

/** RFC 6749 §4.4. No refresh token: each token is a new sign-in. */
export async function clientCredentialsSignIn(
  way: CredentialOf<'client_credentials'>,
  provider: AuthProvider,
  call: SignInCall,
): Promise<TokenSet> {
  const id = entered(call.values['client_id'], call.app?.clientId, 'client_id');
  const secret = entered(call.values['client_secret'], call.app?.clientSecret, 'client_secret');
  const inBody = way.client_auth === 'body';
  const url = new URL(way.token, call.apiUrl);
  return granted(provider, way, call, {
    title: provider.title,
    url,
    // Both are encoded before they are joined (RFC 6749 §2.3.1).
    headers: inBody ? {} : { authorization: `Basic ${base64(`${percentEncoded(id)}:${percentEncoded(secret)}`)}` },
    body: {
      as: way.token_body,
      fields: {
        ...way.params,
        grant_type: 'client_credentials',
        ...scopeOf(way.scopes),
        ...(inBody ? { client_id: id, client_secret: secret } : {}),
      },
    },
  });
}

/** RFC 7523: a signed statement instead of a secret, as the grant itself or as the client's proof. */
export async function jwtBearerSignIn(
  way: CredentialOf<'jwt_bearer'>,
  provider: AuthProvider,
  call: SignInCall,
): Promise<TokenSet> {
  const { values, apiUrl } = call;
  const url = new URL(way.token, apiUrl);
  const clientId = entered(values['client_id'], call.app?.clientId, 'client_id');
  const now = Math.floor(provider.clock.now().getTime() / 1_000);
  const keyId = values['key_id'];
  const assertion = await new SignJWT(way.assertion === 'client' ? scopeOf(way.scopes) : {})
    .setProtectedHeader({ alg: way.algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(values['username'] ?? clientId)
    .setAudience(audienceOf(way, url, apiUrl))
    .setIssuedAt(now)
    .setExpirationTime(now + way.life_s)
    .sign(keyFrom(values['private_key'] ?? '', way.algorithm));
  const fields =
    way.assertion === 'grant'
      ? { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, ...scopeOf(way.scopes) }
      : {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        };
  return granted(provider, way, call, { title: provider.title, url, body: { as: 'form', fields } });
}

function audienceOf({ audience }: CredentialOf<'jwt_bearer'>, token: URL, apiUrl: string): string {
  if (audience === 'token') return token.href;
  return audience === 'address' ? apiUrl : audience.is;
}

const scopeOf = (scopes: readonly string[]): { scope?: string } =>
  scopes.length === 0 ? {} : { scope: scopes.join(' ') };

async function granted(
  { title }: AuthProvider,
  { api_url: where }: Pick<CredentialOf<'client_credentials'>, 'api_url'>,
  { apiUrl }: SignInCall,
  call: AuthCall,
): Promise<TokenSet> {
  const answer = await tokenCall(call);
  if (answer.kind === 'refused') {
    throw new GantryError('credentials_refused', {
      message: `${title} does not give a token for what was entered.`,
      data: { reason: answer.reason },
    });
  }
  const accessToken = answer.body['access_token'];
  const scope = answer.body['scope'];
  const stated = where === 'address' ? apiUrl : addressIn(answer.body, where.from, apiUrl);
  if (!isSendable(accessToken) || stated === null) throw notAToken(title, call.url.pathname);
  return {
    accessToken,
    refreshToken: null,
    expiresInS: lifeIn(answer.body['expires_in']),
    scope: typeof scope === 'string' ? scope : null,
    apiUrl: stated,
  };
}

/** Tokens travel in clear only where the sign-in itself is a sandbox without TLS. */
function addressIn(body: JsonObject, key: string, login: string): string | null {
  const stated = body[key];
  if (typeof stated !== 'string' || !URL.canParse(stated)) return null;
  const url = new URL(stated);
  return url.protocol === 'https:' || new URL(login).protocol !== 'https:' ? url.origin : null;
}

function entered(value: string | undefined, configured: string | undefined, name: string): string {
  const text = value ?? configured ?? '';
  if (text !== '') return text;
  throw new GantryError('bad_request', {
    message: `"${name}" was not entered, and no application is configured that has one.`,
    where: `values.${name}`,
  });
}

function keyFrom(pem: string, algorithm: string): KeyObject {
  const wanted = algorithm.startsWith('ES') ? 'ec' : 'rsa';
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === wanted) return key;
  } catch {
    // Said below, without the text.
  }
  throw new GantryError('credentials_refused', {
    message: `The private key is not ${wanted === 'ec' ? 'an EC' : 'an RSA'} key in PEM form.`,
    where: 'values.private_key',
    fix: 'Enter the whole text from "-----BEGIN" to "END ... KEY-----" of a key without a passphrase.',
  });
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
