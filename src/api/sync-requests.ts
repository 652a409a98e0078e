import * as z from 'zod';
import { limits } from '../kernel/index.ts';

const slug = z.string().min(1).max(100);
const native = z.string().min(1).max(200);
const note = z.string().trim().min(1).max(limits.noteCharsMax);
const limit = (usual: number) => z.coerce.number().int().min(1).max(1_000).default(usual);

/** `by`: who does it, where several people use one operator key. */
const said = { note: note.exactOptional(), by: slug.exactOptional() };

/** What operators do to one object of a connection. */
export const objectActBody = z.strictObject({ tenant: slug, ...said });

/** `days`: so many, `all`; absent: as far back as the project says. */
export const backfillBody = z.strictObject({
  tenant: slug,
  days: z.union([z.number().int().min(1).max(36_500), z.literal('all')]).exactOptional(),
  ...said,
});

export const ofConnectionQuery = z.strictObject({ tenant: slug, connection: slug.exactOptional(), limit: limit(100) });

export const ofObjectQuery = z.strictObject({ ...ofConnectionQuery.shape, object: native.exactOptional() });

/** Held deletions of one object: carried out, or forgotten. */
export const heldActBody = z.strictObject({ tenant: slug, connection: slug, object: native, ...said });

/** Letters are numbered by PostgreSQL's `integer`. */
const INT_MAX = 2 ** 31 - 1;

/** One letter, or all of a connection or of one object of it. */
export const replayLettersBody = z.strictObject({
  tenant: slug,
  letter: z.number().int().min(1).max(INT_MAX).exactOptional(),
  connection: slug.exactOptional(),
  object: native.exactOptional(),
  ...said,
});

/** Why it is not wanted any more has to be said. */
export const dropLetterQuery = z.strictObject({ tenant: slug, note, by: slug.exactOptional() });

const event = z.string().min(1).max(1_000);

/** `event` absent: all that were given up. */
export const replayEventsBody = z.strictObject({
  tenant: slug,
  connection: slug,
  event: event.exactOptional(),
  ...said,
});

export const dropEventsBody = z.strictObject({ ...replayEventsBody.shape, note });

/** `values`: with the values that do not fit; else what does not fit why, and how often. */
export const quarantineQuery = z.strictObject({
  ...ofObjectQuery.shape,
  field: native.exactOptional(),
  values: z.enum(['true', 'false']).default('false'),
});

/** `read`: by reading the records again from the provider; else from what was kept. */
export const replayQuarantineBody = z.strictObject({
  tenant: slug,
  connection: slug,
  object: native.exactOptional(),
  read: z.boolean().default(false),
  ...said,
});
