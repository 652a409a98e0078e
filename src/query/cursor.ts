import { canonicalJson, contentHash, GantryError, type Json } from '../kernel/index.ts';
import type { QueryRequest } from './types.ts';

/** Where the last page ended. Holds values that the caller was shown, so it needs no secret. */
export interface CursorState {
  /** Sort keys of the last row, as text; missing values are null. */
  readonly keys: readonly (string | null)[];
  /** What relative moments meant on the first page: pages of one list ask one question. */
  readonly now: Date;
}

/**
 * What a cursor is bound to: the question, who asks it and for whom. Page size
 * and format may change from page to page.
 */
export function cursorBinding(request: QueryRequest, questionVersion: string): string {
  const { object, filter, fields, text, sort, measures, group_by, having, changed_since } = request;
  const question = { object, filter, fields, text, sort, measures, group_by, having, changed_since };
  // Through JSON, so that members given as undefined count as absent.
  const plain = JSON.parse(JSON.stringify(question)) as Json;
  return contentHash(canonicalJson([questionVersion, plain])).slice(0, BINDING_CHARS);
}

// Long enough to tell one question from another; nothing is guarded by it.
const BINDING_CHARS = 10;

/** Every page carries it through a model's context, so it is short: binding, time and keys, with `~` between them. */
export function encodeCursor(state: CursorState, binding: string): string {
  const keys = state.keys.map((key) => (key === null ? '' : `.${encodeURIComponent(key).replaceAll('~', '%7E')}`));
  return [binding, state.now.getTime().toString(36), ...keys].join('~');
}

/** Raises `cursor_invalid`. */
export function decodeCursor(cursor: string, binding: string): CursorState {
  const [bound, time = '', ...texts] = cursor.split('~');
  const now = new Date(/^[0-9a-z]{1,9}$/.test(time) ? Number.parseInt(time, 36) : Number.NaN);
  if (Number.isNaN(now.getTime())) throw unreadable();
  if (bound !== binding) {
    throw new GantryError('cursor_invalid', {
      message: 'The cursor belongs to another question or user, or what you may see has changed since it was made.',
      where: 'cursor',
    });
  }
  return { keys: texts.map(readKey), now };
}

function readKey(text: string): string | null {
  if (text === '') return null;
  try {
    if (text.startsWith('.')) return decodeURIComponent(text.slice(1));
  } catch {
    // Half an escape sequence: not a key of ours.
  }
  throw unreadable();
}

/** The last row's keys, which must be as many as the order has. Raises `cursor_invalid`. */
export function keysAfter(state: CursorState | null, count: number): readonly (string | null)[] | null {
  if (state === null) return null;
  if (state.keys.length !== count) throw unreadable();
  return state.keys;
}

const unreadable = (): GantryError =>
  new GantryError('cursor_invalid', { message: 'The cursor is not one that an answer gave.', where: 'cursor' });
