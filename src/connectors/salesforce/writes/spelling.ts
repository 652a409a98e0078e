import type { Json } from '../../../kernel/index.ts';
import type { NativeField } from '../../../schema/index.ts';
import { isSpelling } from '../../kit/write-spelling.ts';
import { idIn, isSameId } from './values.ts';

/** Salesforce gives ids back with 18 characters, and may write addresses in small letters. */
export function isSpellingThere(field: NativeField, sent: Json, stands: Json): boolean {
  if (isSpelling(field, sent, stands)) return true;
  if (typeof sent !== 'string' || typeof stands !== 'string') return false;
  if (field.type === 'reference' || field.type === 'id') {
    return idIn(sent) !== null && idIn(stands) !== null && isSameId(sent, stands);
  }
  return field.nativeType === 'email' && sent.trim().toLowerCase() === stands.toLowerCase();
}
