import * as z from 'zod';
import { GantryError, isJsonObject, limits, suggest, type Json } from '../kernel/index.ts';

const slug = z.string().min(1).max(100);

export const startConnectBody = z.strictObject({
  tenant: slug,
  integration: slug,
  connection: slug.exactOptional(),
  login_url: z
    .string()
    .max(300)
    .refine(isLoginUrl, 'must be an https address, or http on this machine')
    .exactOptional(),
  /** A way in without a browser, with what it asks for; absent: the end user signs in at `authorize_url`. */
  method: slug.exactOptional(),
  values: z.record(slug, z.string().max(20_000)).exactOptional(),
});

export const tenantQuery = z.strictObject({ tenant: slug });

const note = z.string().trim().min(1).max(limits.noteCharsMax);

/** A pause, its end, or a revocation; `by`: who does it, where several people use one operator key. */
export const lifeBody = z.strictObject({ tenant: slug, note: note.exactOptional(), by: slug.exactOptional() });

export const deleteQuery = lifeBody;

/** `secret`: what the provider signs with, where the provider chose it. */
export const webhookPlaceBody = z.strictObject({ tenant: slug, secret: z.string().min(16).max(500).exactOptional() });

export const connectTokenBody = z.strictObject({
  tenant: slug,
  integration: slug.exactOptional(),
  /** To choose from; absent, as `integration`: all of the project. */
  integrations: z.array(slug).min(1).max(100).exactOptional(),
  connection: slug.exactOptional(),
  /** Where the person goes back to afterwards: of an allowed origin. */
  return_url: z.string().min(1).max(2_000).exactOptional(),
  expires_in_s: z.number().int().min(1).max(limits.connectTokenMaxS).default(limits.connectTokenDefaultS),
  by: slug.exactOptional(),
});

export const revisionsQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(50) });

/** The text of a file as in tenants/. */
export const overlayBody = z.strictObject({ yaml: z.string().min(1) });

export const syncNowBody = z.strictObject({
  tenant: slug,
  objects: z.array(z.string().min(1).max(200)).min(1).max(100).exactOptional(),
  /** Somebody has looked: the deletions that are held for these objects are right. */
  accept_deletions: z.boolean().exactOptional(),
});

export const userSignInBody = z.strictObject({
  tenant: slug,
  login_url: startConnectBody.shape.login_url,
  method: slug,
  values: z.record(slug, z.string().max(20_000)),
});

export const rotateVaultBody = z.strictObject({
  data_keys: z.boolean().default(false),
  /** Number of the last tenant that is done. */
  after: z.number().int().min(0).exactOptional(),
});

/** The client secret goes there: never in the clear over a network; a sandbox on this machine has no certificate. */
function isLoginUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
}

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The body as the schema types it, or `bad_request` saying what is wrong where. */
export function readBody<Shape extends z.ZodObject>(schema: Shape, body: Json): z.output<Shape> {
  if (!isJsonObject(body))
    throw new GantryError('bad_request', { message: 'The body must be an object.', where: 'body' });
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const unknown = result.error.issues.find((issue) => issue.code === 'unrecognized_keys')?.keys[0];
  const known = Object.keys(schema.shape);
  if (unknown !== undefined) {
    throw new GantryError('bad_request', {
      message: 'The body has a member that is not known here.',
      where: unknown.slice(0, 80),
      suggestions: suggest(unknown, known),
      allowed: known,
    });
  }
  const issue = result.error.issues[0];
  throw new GantryError('bad_request', {
    message: `${issue?.message ?? 'The body does not have the expected shape'}.`,
    where: issue?.path.map(String).join('.') ?? 'body',
  });
}
