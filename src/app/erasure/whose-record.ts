import type { Json, JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';

/**
 * Whose a record is that holds an e-mail address: the person's own, where a
 * field that is for the record's e-mail address has it, or the record is called
 * by it; else it only names them, in these fields.
 */
export type Whose =
  | { readonly kind: 'own' }
  | { readonly kind: 'mention'; readonly fields: readonly string[] }
  | { readonly kind: 'nobody' };

// Fields are typed as text by some providers: these are what theirs are called.
const EMAIL_NAMES = /^(?:email|e_?mail|email_?address|email_normalized|email_from)$/i;

/** Pure. `email` and `texts` are lower-case; null: whose it is by e-mail is not asked. */
export function whoseRecord(
  { id, doc }: { readonly id: string; readonly doc: JsonObject },
  object: NativeObject | null,
  { email, texts }: { readonly email: string | null; readonly texts: readonly string[] },
): Whose {
  if (email !== null && (id.toLowerCase() === email || emailsOf(doc, object).includes(email))) return { kind: 'own' };
  const fields = Object.entries(doc).flatMap(([name, value]) => (names(value, texts) ? [name] : []));
  return fields.length === 0 ? { kind: 'nobody' } : { kind: 'mention', fields };
}

/** Lower-case addresses that the record holds as its own. */
export function emailsOf(doc: JsonObject, object: NativeObject | null): string[] {
  const typed = new Set(object?.fields.filter(({ nativeType }) => nativeType === 'email').map(({ name }) => name));
  return Object.entries(doc).flatMap(([name, value]) =>
    typeof value === 'string' && (typed.has(name) || EMAIL_NAMES.test(name)) ? [value.trim().toLowerCase()] : [],
  );
}

/** Whether any text within it, keys of nested values included, has one of the texts. */
function names(value: Json, texts: readonly string[]): boolean {
  if (typeof value === 'string') {
    const lower = value.toLowerCase();
    return texts.some((text) => lower.includes(text));
  }
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, item]) => names(key, texts) || names(item, texts));
}

/** As it stands in the JSON of a record, for looking records up. */
export const asInJson = (text: string): string => JSON.stringify(text).slice(1, -1);
