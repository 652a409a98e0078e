import * as z from 'zod';
import { limits } from '../kernel/index.ts';

const slug = z.string().min(1).max(100);
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const amount = z.coerce.number().min(0);

export const auditQuery = z.strictObject({
  /** Absent: of the whole installation. */
  tenant: slug.exactOptional(),
  about: z.string().trim().min(1).max(400).exactOptional(),
  agent: slug.exactOptional(),
  person: z.string().min(1).max(200).exactOptional(),
  plan: slug.exactOptional(),
  connection: slug.exactOptional(),
  object: z.string().min(1).max(200).exactOptional(),
  model: slug.exactOptional(),
  /** Several with commas between them. */
  kind: z
    .string()
    .min(1)
    .max(1_000)
    .transform((text) => text.split(','))
    .exactOptional(),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  amount_from: amount.exactOptional(),
  amount_to: amount.exactOptional(),
  before: z.coerce.number().int().min(1).exactOptional(),
  limit: z.coerce.number().int().min(1).max(limits.auditListedMax).default(100),
});

export const verificationQuery = z.strictObject({ tenant: slug.exactOptional() });

const reason = z.string().trim().min(1).max(limits.noteCharsMax);

export const switchBody = z.strictObject({
  /** Absent: of the whole installation. */
  tenant: slug.exactOptional(),
  mode: z.enum(['stop_writes', 'stop_all_upstream', 'read_replica_only', 'drain']),
  connection: slug.exactOptional(),
  object: z.string().min(1).max(200).exactOptional(),
  operation: slug.exactOptional(),
  agent: slug.exactOptional(),
  principal: z.string().min(1).max(200).exactOptional(),
  reason,
  /** Who does it, where several people use one operator key. */
  by: slug.exactOptional(),
});

export const liftSwitchBody = z.strictObject({ tenant: slug.exactOptional(), reason, by: slug.exactOptional() });

export const switchesQuery = z.strictObject({
  tenant: slug.exactOptional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
