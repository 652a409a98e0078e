import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { GantryError, isJsonObject, limits, send, type Clock, type Json } from '../../kernel/index.ts';
import type { CredentialMethod, TokenSet } from '../contract.ts';
import { textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import { isSendable } from '../kit/auth-call.ts';
import { readBody, type BodyResult } from '../kit/response-body.ts';
import { jwtRefusal } from './jwt-refusal.ts';

const TITLE = 'Salesforce';
const TOKEN_BYTES_MAX = 1024 * 1024;
/** Salesforce takes assertions that end within three minutes; clocks may differ by one of them. */
const ASSERTION_LIFE_S = 120;

/**
 * OAuth 2.0 JWT bearer flow (Salesforce help, "OAuth 2.0 JWT Bearer Flow for
 * Server-to-Server Integration"): an assertion signed with the key whose
 * certificate the connected app has. No browser, no refresh token: each token
 * is a new sign-in, which changes nothing in the org.
 */
export function jwtBearer({ auth }: Pick<Declaration, 'auth'>, clock: Clock): CredentialMethod {
  const hosts = auth?.login_hosts ?? [];
  const commonLogin = auth?.login_url ?? '';
  return {
    name: 'jwt_bearer',
    title: 'Certificate of a connected app (JWT bearer)',
    fields: [
      { name: 'username', title: 'User name', secret: false, optional: false },
      { name: 'private_key', title: 'Private key (PEM)', secret: true, optional: false },
      { name: 'login_url', title: 'Login address', secret: false, optional: true, hosts },
      { name: 'client_id', title: 'Consumer key, where it is not the registered app', secret: false, optional: true },
    ],
    async signIn(app, values) {
      const loginUrl = filled(values['login_url']) ?? filled(app?.loginUrl) ?? commonLogin;
      const clientId = filled(values['client_id']) ?? filled(app?.clientId) ?? raise(appMissing());
      const assertion = await new SignJWT()
        .setProtectedHeader({ alg: 'RS256' })
        .setIssuer(clientId)
        .setSubject(values['username'] ?? '')
        .setAudience(audienceOf(new URL(loginUrl)))
        .setExpirationTime(Math.floor(clock.now().getTime() / 1_000) + ASSERTION_LIFE_S)
        .sign(keyFrom(values['private_key'] ?? ''));
      return tokenFor(loginUrl, assertion);
    },
  };
}

const filled = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

/**
 * Whom the assertion is for: the common login of production or of Salesforce's
 * own sandboxes, also where the customer signs in at a domain of its own. A
 * login elsewhere (a sandbox of ours) is its own audience.
 */
export function audienceOf(login: URL): string {
  if (!login.hostname.endsWith('.salesforce.com')) return login.origin;
  const isTest = login.hostname === 'test.salesforce.com' || login.hostname.endsWith('.sandbox.my.salesforce.com');
  return isTest ? 'https://test.salesforce.com' : 'https://login.salesforce.com';
}

function keyFrom(pem: string): KeyObject {
  const refused = (): never => {
    throw new GantryError('credentials_refused', {
      message: 'The private key is not an RSA key in PEM form.',
      where: 'private_key',
      fix: 'Enter the whole text from "-----BEGIN" to "END ... KEY-----" of an RSA key without a passphrase.',
    });
  };
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : refused();
  } catch {
    return refused();
  }
}

async function tokenFor(loginUrl: string, assertion: string): Promise<TokenSet> {
  const url = new URL('/services/oauth2/token', loginUrl);
  const { status, body } = await post(url, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
  });
  const value = body.kind === 'value' ? body.value : null;
  // Only words of the protocol refuse a key; a page of a proxy or a firewall does not.
  const isRefusal = isJsonObject(value) && Object.hasOwn(value, 'error');
  if (isRefusal && status >= 400 && status !== 429 && status < 500) throw jwtRefusal(TITLE, value);
  if (status === 429 || status >= 500) {
    throw new GantryError(status === 429 ? 'upstream_rate_limited' : 'upstream_unavailable', {
      message: `The login service of ${TITLE} is not available right now.`,
      where: `POST ${url.pathname}`,
      data: { status },
    });
  }
  const apiUrl = apiUrlIn(value, url);
  const accessToken = isJsonObject(value) ? value['access_token'] : null;
  if (status >= 300 || !isSendable(accessToken) || apiUrl === null) {
    throw new GantryError('upstream_malformed', {
      message: `The login service of ${TITLE} gave an answer that is not a token.`,
      where: `POST ${url.pathname}`,
    });
  }
  return { accessToken, refreshToken: null, expiresInS: null, scope: textAt(value, 'scope'), apiUrl };
}

/** Tokens travel in clear only where the login itself is a sandbox without TLS. */
function apiUrlIn(value: Json, login: URL): string | null {
  const stated = textAt(value, 'instance_url');
  if (stated === null || !URL.canParse(stated)) return null;
  const url = new URL(stated);
  return url.protocol === 'https:' || login.protocol !== 'https:' ? url.origin : null;
}

async function post(
  url: URL,
  fields: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: BodyResult }> {
  try {
    const response = await send('connector.assertion', url, {
      method: 'POST',
      headers: { accept: 'application/json', 'user-agent': 'gantry' },
      body: new URLSearchParams(fields),
      // An assertion is as good as a password for as long as it lives.
      redirect: 'error',
      signal: AbortSignal.timeout(limits.signInTimeoutMs),
    });
    return { status: response.status, body: await readBody(response, TOKEN_BYTES_MAX) };
  } catch (error) {
    if (error instanceof GantryError) throw error;
    throw new GantryError('upstream_unavailable', {
      message: `The login service of ${TITLE} could not be reached.`,
      where: `POST ${url.pathname}`,
    });
  }
}

function appMissing(): GantryError {
  return new GantryError('oauth_app_missing', {
    message: 'The consumer key of the connected app is neither configured nor entered.',
    where: 'client_id',
    fix: 'Enter the consumer key of the connected app that has the certificate.',
  });
}

function raise(error: GantryError): never {
  throw error;
}
