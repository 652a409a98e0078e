import { GantryError, type Clock } from '../../kernel/index.ts';
import type { AccessContext, CredentialField, CredentialMethod, OAuthApp, TokenSet } from '../contract.ts';
import { isSendable } from './auth-call.ts';
import { SIGNED_IN_BY } from './auth-carry.ts';
import type { CredentialOf, DeclaredCredential } from './auth-declaration.ts';
import { clientCredentialsSignIn, jwtBearerSignIn } from './auth-grants.ts';
import { sessionSignIn } from './auth-session.ts';

/** A provider as its ways in see it. */
export interface AuthProvider {
  /** For messages. */
  readonly title: string;
  readonly clock: Clock;
}

/** What was entered, trimmed; absent where nothing was. */
export type Entered = Readonly<Record<string, string>>;

/** The ways in that a declaration names, ready to be offered and used. */
export function declaredMethods(
  credentials: readonly DeclaredCredential[],
  provider: AuthProvider,
): readonly CredentialMethod[] {
  return credentials.map((way) => ({
    name: way.name,
    title: way.title,
    fields: [...addressField(way), ...fieldsOf(way)],
    signIn: async (app, values) => {
      const apiUrl = addressIn(way, app, values);
      const tokens = await signIn(way, provider, { app, values, apiUrl });
      return { ...tokens, context: { ...tokens.context, [SIGNED_IN_BY]: way.name } };
    },
  }));
}

/** Nothing to enter where there is one address for all, and nowhere else to go. */
function addressField({ address }: DeclaredCredential): readonly CredentialField[] {
  const { title, hosts, default: common } = address;
  return [{ name: 'url', title, secret: false, optional: common !== undefined, hosts }];
}

/** Entered, or where the operator says that this integration signs in, or the common one. */
function addressIn({ address }: DeclaredCredential, app: OAuthApp | null, values: Entered): string {
  const configured = app === null || app.loginUrl === '' ? undefined : app.loginUrl;
  const url = values['url'] ?? configured ?? address.default;
  if (url !== undefined && URL.canParse(url)) return new URL(url).origin;
  throw new GantryError('bad_request', { message: `${address.title} is missing.`, where: 'values.url' });
}

const field = (name: string, title: string, secret: boolean, optional = false): CredentialField => ({
  name,
  title,
  secret,
  optional,
});

const expiresOn = (asked: boolean): CredentialField[] =>
  asked ? [field('expires_on', 'Day on which it ends (2027-01-31), if it does', false, true)] : [];

function fieldsOf(way: DeclaredCredential): readonly CredentialField[] {
  switch (way.kind) {
    case 'api_key':
      return [field('api_key', way.key.title, way.key.secret), ...expiresOn(way.expires)];
    case 'basic':
      return [
        field('user', way.user.title, false),
        field('password', way.password.title, true),
        ...expiresOn(way.expires),
      ];
    case 'client_credentials':
      return [
        field('client_id', 'Client id, where it is not the registered app', false, true),
        field('client_secret', 'Client secret, where it is not the registered app', true, true),
      ];
    case 'jwt_bearer':
      return [
        ...(way.subject ? [field('username', 'User name', false)] : []),
        field('private_key', 'Private key (PEM)', true),
        ...(way.key_id ? [field('key_id', 'Id of the certificate', false)] : []),
        field('client_id', 'Client id, where it is not the registered app', false, true),
      ];
    case 'session':
      return Object.values(way.fields).map(({ name, title, secret }) => field(name, title, secret));
    case 'oauth1':
      return [
        ...(way.realm === undefined ? [] : [field('realm', way.realm.title, false)]),
        field('consumer_key', 'Consumer key', false),
        field('consumer_secret', 'Consumer secret', true),
        field('token', 'Token id', false),
        field('token_secret', 'Token secret', true),
      ];
  }
}

export interface SignInCall {
  readonly app: OAuthApp | null;
  readonly values: Entered;
  /** Origin of the address. */
  readonly apiUrl: string;
}

function signIn(way: DeclaredCredential, provider: AuthProvider, call: SignInCall): Promise<TokenSet> | TokenSet {
  switch (way.kind) {
    case 'api_key':
      return asEntered(call, call.values['api_key'] ?? '');
    case 'basic':
      return asEntered(call, call.values['password'] ?? '', { user: userOf(way, call) });
    case 'client_credentials':
      return clientCredentialsSignIn(way, provider, call);
    case 'jwt_bearer':
      return jwtBearerSignIn(way, provider, call);
    case 'session':
      return sessionSignIn(way, provider, call);
    case 'oauth1': {
      const { token = '', token_secret, consumer_key, consumer_secret, realm } = call.values;
      return asEntered(call, token, {
        token_secret: token_secret ?? '',
        consumer_key: consumer_key ?? '',
        consumer_secret: consumer_secret ?? '',
        // NetSuite wants the account as it writes it itself: 123456_SB1.
        ...(realm === undefined ? {} : { realm: realm.toUpperCase().replaceAll('-', '_') }),
      });
    }
  }
}

function userOf(way: CredentialOf<'basic'>, { values }: SignInCall): string {
  const user = values['user'] ?? '';
  // A colon would end the name there (RFC 7617 §2).
  if (!user.includes(':')) return `${user}${way.user_suffix}`;
  throw new GantryError('bad_request', { message: 'A user name holds no colon.', where: 'values.user' });
}

/** The key is the token: whether it is any good shows with the first call. */
function asEntered({ apiUrl }: SignInCall, accessToken: string, context: AccessContext = {}): TokenSet {
  if (![accessToken, ...Object.values(context)].every(isSendable)) {
    throw new GantryError('credentials_refused', { message: 'What was entered holds signs that no key has.' });
  }
  return { accessToken, refreshToken: null, expiresInS: null, scope: null, apiUrl, context };
}
