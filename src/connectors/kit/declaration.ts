import { z } from 'zod';
import { parseDocument } from 'yaml';
import { GantryError } from '../../kernel/index.ts';
import { fieldTypes, type FieldType } from '../../schema/index.ts';
import { newFieldTypes } from '../new-fields.ts';
import { declaredCredential } from './auth-declaration.ts';
import { errorClasses } from './error-map.ts';
import { intentsShape } from './intent-declaration.ts';
import { rateLimitsShape } from './rate-limits.ts';

/**
 * The language of `connector.yaml`. Its parts, and no more: connector, title,
 * api_version, auth, credentials, headers, identity, types, objects (fields, custom fields,
 * read, deleted, count, link, audience), count, permissions, rate_limits, errors, intents, new_fields, discovery. What it
 * cannot say is TypeScript beside the file.
 *
 * Paths may use `{version}` and `{object}`; `at` and friends are value paths
 * such as `0.errorCode`.
 */
const name = z.string().min(1);
const urlPath = z.string().startsWith('/');
const query = z.record(z.string(), z.string()).default({});

const fieldType = z.enum(fieldTypes);

const errorRule = z.strictObject({
  status: z.union([z.number().int(), z.enum(['4xx', '5xx', 'any']), z.array(z.number().int())]).optional(),
  at: z.string().optional(),
  is: z.array(name).optional(),
  contains: name.optional(),
  class: z.enum(errorClasses),
  retryable: z.boolean().optional(),
  user_action: name,
  retry_after_s: z.number().positive().optional(),
});

const auth = z.strictObject({
  /** Where everybody signs in; null where each customer has an address of its own. */
  login_url: z.url().nullable(),
  /** Hosts that may be a customer's login address: `login.salesforce.com`, `*.zendesk.com`. */
  login_hosts: z.array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/)).min(1),
  authorize: urlPath,
  token: urlPath,
  token_body: z.enum(['form', 'json']),
  scopes: z.array(name),
  /** Where the API lives: the address of the login, or what a key of the token answer says. */
  api_url: z.union([z.literal('login'), z.strictObject({ from: name })]),
  /** Services of the common login that live on hosts of their own. A login elsewhere (a sandbox) is one host for all. */
  origins: z.strictObject({ token: z.url().optional(), api: z.url().optional() }).default({}),
  /** Sent to the login page beside OAuth's own parameters. */
  authorize_params: z.record(z.string(), z.string()).default({}),
  /** How a grant is ended: by a call with the token in a form (RFC 7009), or with the token as bearer; absent: not by a call. */
  revoke: z.strictObject({ path: urlPath, by: z.enum(['token', 'bearer']) }).optional(),
  /** Sent with each token request. */
  token_params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** A refresh token that nobody uses for so long ends; it is used ahead of that. Absent: it does not end so. */
  refresh_idle_days: z.number().positive().optional(),
  /** Seconds in which a refresh token that was replaced is taken once more. */
  refresh_reuse_s: z.number().nonnegative().default(0),
});

const identityStep = z.strictObject({
  path: urlPath,
  query,
  account_id: z.string().optional(),
  account_name: z.string().optional(),
  user_name: z.string().optional(),
  /** The account is known without this step; a refusal is no failure. */
  optional: z.boolean().default(false),
});

const declaredField = z.union([
  fieldType,
  z.strictObject({
    type: fieldType,
    label: name.optional(),
    values: z.array(name).optional(),
    references: z.array(name).optional(),
    writable: z.boolean().optional(),
    nullable: z.boolean().optional(),
    unique: z.boolean().optional(),
  }),
]);

/** Fields that the customer added: where they are listed, and where their values sit in a record. */
const customFields = z.strictObject({
  path: urlPath,
  query,
  records: name,
  /** Paging of the list: where the next cursor is, where it says that there is more, and the parameter it goes into. */
  paging: z.strictObject({ param: name, next: name, more: name }),
  name,
  label: name,
  type: name,
  help: name.optional(),
  options: z.strictObject({ at: name, value: name, label: name }),
  values: z.discriminatedUnion('shape', [
    z.strictObject({ shape: z.literal('pairs'), at: name, key: name, value: name, field_key: name }),
    z.strictObject({ shape: z.literal('map'), at: name, field_key: name }),
  ]),
});

const readPlan = z.strictObject({
  path: urlPath,
  query,
  records: name,
  /** True: everything up to now is in this or an earlier answer. */
  end: name,
  /** Where reading begins: parameter and its value for "the beginning of time". */
  /** `since`: how the parameter tells a moment, where it can begin later than at the beginning. */
  start: z.strictObject({ param: name, value: name, since: z.enum(['unix_seconds']).optional() }),
  /** `cursor`: opaque, exact. `time`: seconds; the last second is read again and repeats are dropped. */
  by: z.enum(['cursor', 'time']),
  param: name,
  next: name,
  /** Records in one answer: the parameter that says how many, and the most that the provider takes. Without it no page can be made smaller. */
  page_size: z.strictObject({ param: name, max: z.number().int().positive() }).optional(),
  /** Changes younger than this are left for a later answer, seconds. */
  withholds_s: z.number().nonnegative().default(0),
  /** An error that means "nothing new yet". */
  nothing_new: z.strictObject({ status: z.array(z.number().int()), at: name, contains: name }).optional(),
});

/** Single records: parameter that takes their ids, separated by commas, and the most at once. */
const manyPlan = z.strictObject({ path: urlPath, param: name, max: z.number().int().positive(), records: name });

/** What decides which records the connected user is shown: values of an answer about it. */
const grantsPlan = z.strictObject({ path: urlPath, values: z.array(name).min(1) });

const countPlan = z.strictObject({ path: urlPath, query, value: name });

const declaredObject = z.strictObject({
  label: name,
  id: name,
  modified_at: name,
  link: name.nullable(),
  deleted: z.strictObject({ at: name, is: z.array(z.union([z.string(), z.boolean()])) }).optional(),
  fields: z.record(z.string(), declaredField),
  custom_fields: customFields.optional(),
  read: readPlan,
  many: manyPlan.optional(),
  count: countPlan.optional(),
  /** Whom a record names: `assignee:{assignee_id}`, one grantee for each value of a list. What else counts is TypeScript. */
  audience: z.array(name.regex(/^[^{}]*(\{[^{}]+\}[^{}]*)?$/)).optional(),
});

const declaration = z.strictObject({
  connector: z.string().regex(/^[a-z][a-z0-9_]*$/),
  title: name,
  api_version: name,
  /** Absent where nobody signs in with a browser. */
  auth: auth.optional(),
  /** Ways in without a browser: keys, pairs, sessions, signatures. */
  credentials: z.array(declaredCredential).default([]),
  headers: z.record(z.string(), z.string()).default({}),
  /** Empty where the connector's own TypeScript asks. */
  identity: z.array(identityStep).default([]),
  /** Provider's type name to ours; `exclude` leaves the field out; what is not named becomes json. */
  types: z.record(z.string(), z.union([fieldType, z.literal('exclude')])),
  objects: z.record(z.string(), declaredObject).default({}),
  count: countPlan.optional(),
  grants: grantsPlan.optional(),
  /** The provider tells nobody who is shown what; where it does, the connector's own TypeScript asks. */
  permissions: z.strictObject({ kind: z.literal('none'), why: name }).optional(),
  rate_limits: rateLimitsShape,
  errors: z.array(errorRule).min(12),
  /** What people mean, whatever app it happens in, as this one does it. */
  intents: intentsShape,
  /** Objects that get fields of the customer's own, and for which values; absent: none do. */
  new_fields: z
    .strictObject({
      objects: z.union([z.literal('any'), z.array(name).min(1)]),
      types: z.array(z.enum(newFieldTypes)).min(1),
    })
    .optional(),
  /** Facts for the connector's own TypeScript. */
  discovery: z.record(z.string(), z.array(z.string())).default({}),
});

export type Declaration = z.infer<typeof declaration>;
export type DeclaredObject = z.infer<typeof declaredObject>;
export type CustomFields = z.infer<typeof customFields>;
export type ReadPlan = z.infer<typeof readPlan>;

/** What a provider's own type means here: a name that nobody declared, whatever it is, is `json`. */
export const declaredType = ({ types }: Pick<Declaration, 'types'>, nativeType: string): FieldType | 'exclude' =>
  (Object.hasOwn(types, nativeType) ? types[nativeType] : undefined) ?? 'json';

/** Raises `connector_invalid` with every problem, each with its path in the file. */
export function parseDeclaration(text: string, file: string): Declaration {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map((error) => error.message.split('\n')[0] ?? error.code),
    );
  }
  const parsed = declaration.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return parsed.data;
  throw invalid(
    file,
    parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || '(top)'}: ${issue.message}`),
  );
}

function invalid(file: string, problems: readonly string[]): GantryError {
  return new GantryError('connector_invalid', {
    message: `The connector declaration has ${String(problems.length)} mistake(s); the first: ${problems[0] ?? ''}`,
    where: file,
    data: { problems },
  });
}
