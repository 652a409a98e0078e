import { z } from 'zod';

/**
 * The part `credentials` of `connector.yaml`: ways in by something that an
 * administrator enters. Each becomes a `CredentialMethod` (auth-methods.ts),
 * and what it gives is sent as auth-carry.ts says.
 */
const name = z.string().min(1);
const urlPath = z.string().startsWith('/');
const fieldNames = /^[a-z][a-z0-9_]*$/;

/** Beside what is entered: never `url`, and nothing twice. */
const common = {
  /** What operators choose it by. */
  name: z.string().regex(fieldNames),
  title: name,
  /** Where the API and its sign-in live. */
  address: z.strictObject({
    title: name,
    /** Hosts that may be entered, `*.` for any subdomain, `*` for any public one. */
    hosts: z.array(name).min(1),
    /** The same for every customer, unless another one of `hosts` is entered. */
    default: z.url().optional(),
  }),
};

const entered = z.strictObject({ title: name, secret: z.boolean().default(true) });

/** Where a value is put into each call: `prefix` stands before it, with its blank. */
const place = z.strictObject({
  in: z.enum(['header', 'query', 'cookie']),
  name,
  prefix: z.string().default(''),
});

/** Where the API lives: at the address, or where a key of the answer says. */
const apiUrl = z.union([z.literal('address'), z.strictObject({ from: name })]).default('address');

const apiKey = z.strictObject({
  kind: z.literal('api_key'),
  ...common,
  key: entered,
  send: place,
  /** True: the day on which a key ends may be entered with it, so that people are told ahead. */
  expires: z.boolean().default(false),
});

const basic = z.strictObject({
  kind: z.literal('basic'),
  ...common,
  user: z.strictObject({ title: name }),
  password: z.strictObject({ title: name }),
  /** Put after what is entered as the user: Zendesk wants `/token` before an API token. */
  user_suffix: z.string().default(''),
  expires: z.boolean().default(false),
});

const clientCredentials = z.strictObject({
  kind: z.literal('client_credentials'),
  ...common,
  token: urlPath,
  /** How the client shows who it is (RFC 6749 §2.3.1): `basic` header or in the `body`. */
  client_auth: z.enum(['basic', 'body']),
  token_body: z.enum(['form', 'json']).default('form'),
  scopes: z.array(name).default([]),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  api_url: apiUrl,
});

const jwtBearer = z.strictObject({
  kind: z.literal('jwt_bearer'),
  ...common,
  token: urlPath,
  /** The assertion is the grant (RFC 7523 §2.1), or shows who the client is (§2.2, NetSuite's machine-to-machine). */
  assertion: z.enum(['grant', 'client']),
  algorithm: z.enum(['RS256', 'PS256', 'ES256', 'ES384', 'ES512']),
  /** Whom it is for: the address, the token endpoint, or this. */
  audience: z.union([z.literal('address'), z.literal('token'), z.strictObject({ is: name })]),
  /** True: a user name is entered, whom the token then stands for. */
  subject: z.boolean(),
  /** True: the provider's number of the certificate is entered. */
  key_id: z.boolean().default(false),
  scopes: z.array(name).default([]),
  /** Seconds that an assertion lives. */
  life_s: z.number().int().min(30).max(3_600).default(120),
  api_url: apiUrl,
});

const session = z.strictObject({
  kind: z.literal('session'),
  ...common,
  login: urlPath,
  login_body: z.enum(['form', 'json']),
  /** Name in the login call to what is entered. */
  fields: z.record(
    z.string(),
    z.strictObject({ name: z.string().regex(fieldNames), title: name, secret: z.boolean() }),
  ),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** Where the session's id comes: a cookie of the answer, or a path in its body. */
  id: z.union([z.strictObject({ cookie: name }), z.strictObject({ at: name })]),
  send: place,
  /** Seconds that a session lives; absent: until the provider refuses it. */
  life_s: z.number().positive().optional(),
  /** Answers to a wrong password, beside 400, 401 and 403: providers that answer 200 say it in the body. */
  refused: z.strictObject({ at: name, is: z.array(z.union([z.string(), z.boolean(), z.number()])) }).optional(),
});

const oauth1 = z.strictObject({
  kind: z.literal('oauth1'),
  ...common,
  /** Title of the field for the realm (NetSuite: the account id); absent: none is sent. */
  realm: z.strictObject({ title: name }).optional(),
});

export const declaredCredential = z.discriminatedUnion('kind', [
  apiKey,
  basic,
  clientCredentials,
  jwtBearer,
  session,
  oauth1,
]);

export type DeclaredCredential = z.infer<typeof declaredCredential>;
export type Placed = z.infer<typeof place>;
export type CredentialOf<Kind extends DeclaredCredential['kind']> = Extract<DeclaredCredential, { kind: Kind }>;
