import { canonicalJson, contentHash, GantryError, isJsonObject, type Json } from '../kernel/index.ts';
import type { QueryRequest } from './types.ts';

/** Where the last page ended. Holds values that the caller was shown, so it needs no secret. */
export interface CursorState {
  /** Sort keys of the last row, as text; missing values are null. */
  readonly keys: readonly (string | null)[];
  /** What relative moments meant on the first page: pages of one list ask one question. */
  readonly now: Date;
}

/**
 * What a cursor is bound to: the question and what the caller may see. Page
 * size and format may change from page to page.
 */
export function cursorBinding(request: QueryRequest, accessVersion: string): string {
  const { object, filter, fields, text, sort, measures, group_by, having } = request;
  const question = { object, filter, fields, text, sort, measures, group_by, having };
  // Through JSON, so that members given as undefined count as absent.
  const plain = JSON.parse(JSON.stringify(question)) as Json;
  return contentHash(canonicalJson([accessVersion, plain]));
}

export function encodeCursor(state: CursorState, binding: string): string {
  const json = JSON.stringify({ b: binding, t: state.now.getTime(), k: state.keys });
  return Buffer.from(json, 'utf8').toString('base64url');
}

/** Raises `cursor_invalid`. */
export function decodeCursor(cursor: string, binding: string): CursorState {
  const { b, t, k } = readCursor(cursor);
  if (b !== binding) {
    throw new GantryError('cursor_invalid', {
      message: 'The cursor belongs to another question, or what you may see has changed since it was made.',
      where: 'cursor',
    });
  }
  if (typeof t !== 'number' || !isKeys(k)) throw unreadable();
  const now = new Date(t);
  if (Number.isNaN(now.getTime())) throw unreadable();
  return { keys: k, now };
}

/** The last row's keys, which must be as many as the order has. Raises `cursor_invalid`. */
export function keysAfter(state: CursorState | null, count: number): readonly (string | null)[] | null {
  if (state === null) return null;
  if (state.keys.length !== count) throw unreadable();
  return state.keys;
}

function readCursor(cursor: string): { readonly [key: string]: Json } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw unreadable();
  }
  if (!isJsonObject(json)) throw unreadable();
  return json;
}

const unreadable = (): GantryError =>
  new GantryError('cursor_invalid', { message: 'The cursor is not one that an answer gave.', where: 'cursor' });

const isKeys = (value: Json | undefined): value is readonly (string | null)[] =>
  Array.isArray(value) && value.every((item: Json) => item === null || typeof item === 'string');
