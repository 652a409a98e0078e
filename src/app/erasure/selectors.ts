import { createHash } from 'node:crypto';
import type { ErasureRequest } from '../../api/index.ts';
import { canonicalJson, GantryError, limits, type StreamId } from '../../kernel/index.ts';

/** Whom an operator asks for; texts are lower-case. */
export interface Selectors {
  readonly email: string | null;
  readonly users: readonly string[];
  readonly records: readonly RecordName[];
  /** Beside the e-mail address: what else they are named by in texts of others. */
  readonly texts: readonly string[];
}

export interface RecordName {
  readonly connection: string;
  readonly object: string;
  readonly id: string;
}

/** What is kept of it, sealed, while it is under way. */
export interface Dossier {
  readonly selectors: Selectors;
  readonly principals: readonly string[];
  readonly own: readonly FoundRecord[];
  readonly mentions: readonly FoundMention[];
}

export interface FoundRecord {
  readonly stream: StreamId;
  readonly id: string;
}

export interface FoundMention extends FoundRecord {
  /** Of the version; null: the record as it is. */
  readonly ver: number | null;
  readonly fields: readonly string[];
}

const EMAIL = /^[^\s@]{1,200}@[^\s@]{1,200}$/;

/** Raises `bad_request`. */
export function readSelectors(request: Pick<ErasureRequest, 'email' | 'users' | 'records' | 'texts'>): Selectors {
  const email = request.email?.trim().toLowerCase() ?? null;
  if (email !== null && !EMAIL.test(email)) throw bad('That is no e-mail address.', 'email');
  const texts = request.texts.map((text) => text.trim().toLowerCase());
  if (texts.some((text) => text.length < limits.erasureTextMin)) {
    throw bad(`A text to look for has at least ${String(limits.erasureTextMin)} characters.`, 'texts');
  }
  const nobody = email === null && request.users.length === 0 && request.records.length === 0;
  if (nobody) throw bad('Nobody is named: give an e-mail address, a user, or records.', 'email');
  return { email, users: [...request.users], records: [...request.records], texts };
}

/** Tells whether two erasures were of the same, to who knows whom. */
export const hashOfSelectors = (salt: Uint8Array, { email, users, records, texts }: Selectors): string =>
  createHash('sha256')
    .update(salt)
    .update(
      canonicalJson({
        email,
        users: users.toSorted(),
        texts: texts.toSorted(),
        records: records.map(({ connection, object, id }) => [connection, object, id].join('/')).toSorted(),
      }),
    )
    .digest('hex');

/** What they are looked for by in texts. */
export const textsOf = ({ email, texts, users }: Selectors): string[] => [
  ...new Set([
    ...(email === null ? [] : [email]),
    ...texts,
    ...users.map((user) => user.toLowerCase()).filter((user) => user.length >= limits.erasureTextMin),
  ]),
];

const bad = (message: string, where: string): GantryError => new GantryError('bad_request', { message, where });
