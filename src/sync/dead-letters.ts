import {
  canonicalJson,
  contentHash,
  isJsonObject,
  limits,
  type GantryError,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../kernel/index.ts';
import type { Cursor, PastPage } from '../connectors/index.ts';
import { addLetter, changeLetter, lockLetter, removeLetters, type DeadLetterKey, type Tx } from '../store/index.ts';
import { nextLetterState, type DeadLetterEvent, type DeadLetterState } from './dead-letter-state.ts';

/** What the same call would answer again: trying it for ever would stop the stream. */
export const isPoison = ({ code }: GantryError): boolean =>
  code === 'upstream_malformed' || code === 'upstream_too_large';

/** It was tried often enough; what is too large was asked for in ever smaller pages already, and would be so again. */
export const isCertain = ({ code }: GantryError, tries: number): boolean =>
  code === 'upstream_too_large' || tries >= limits.deadLetterTries;

/** A page is known by the place that was asked for. */
export const pageName = (cursor: Cursor | null): string => contentHash(canonicalJson(cursor));

export interface LetterFor {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

/** One more try of a page failed. Returns how many that were. */
export async function notePageFailure(
  tx: Tx,
  { tenant, stream }: LetterFor,
  { cursor, error, last }: { readonly cursor: Cursor | null; readonly error: GantryError; readonly last: boolean },
): Promise<number> {
  const key: DeadLetterKey = { tenant, stream, kind: 'page', name: pageName(cursor) };
  const known = await lockLetter(tx, key);
  const tries = (known?.tries ?? 0) + 1;
  const event = last && isCertain(error, tries) ? 'failed_for_good' : 'failed';
  await noteFailure(tx, key, event, error, cursor);
  return tries;
}

/** A page that was stepped over: from where to where nothing is known of what changed. */
export async function noteLeftOut(
  tx: Tx,
  { tenant, stream }: LetterFor,
  {
    cursor,
    error,
    leftOut,
  }: { readonly cursor: Cursor | null; readonly error: GantryError; readonly leftOut: PastPage['leftOut'] },
): Promise<void> {
  const key: DeadLetterKey = { tenant, stream, kind: 'page', name: pageName(cursor) };
  const place = { [LEFT_OUT]: { from: leftOut.from.toISOString(), to: leftOut.to.toISOString() } };
  await removeLetters(tx, { ...key, names: [key.name] });
  await noteFailure(tx, key, 'failed_for_good', error, place);
}

const LEFT_OUT = 'left_out';

/** The stretch of time that was left out with a page; null: the page is where its stream stands. */
export function leftOutIn(place: JsonObject | null): { readonly from: string; readonly to: string } | null {
  const stretch = place?.[LEFT_OUT];
  if (!isJsonObject(stretch)) return null;
  const { from, to } = stretch;
  return typeof from === 'string' && typeof to === 'string' ? { from, to } : null;
}

/** It was tried by itself, and is not tried again before somebody asks. */
export async function noteDeadRecord(
  tx: Tx,
  { tenant, stream }: LetterFor,
  { id, error }: { readonly id: string; readonly error: GantryError },
): Promise<void> {
  await noteFailure(tx, { tenant, stream, kind: 'record', name: id }, 'failed_for_good', error, null);
}

async function noteFailure(
  tx: Tx,
  key: DeadLetterKey,
  event: DeadLetterEvent,
  error: GantryError,
  place: Cursor | null,
): Promise<void> {
  const known = await lockLetter(tx, key);
  const state = nextLetterState((known?.state ?? 'none') as DeadLetterState | 'none', event);
  if (state === null || state === 'none') return;
  const failure = { state, code: error.code, class: textOf(error, 'class'), bytesHash: textOf(error, 'bytes_hash') };
  if (known === null) await addLetter(tx, { ...key, ...failure, place });
  else await changeLetter(tx, key.tenant, known.id, { ...failure, tried: true });
}

function textOf({ details }: GantryError, name: string): string | null {
  const value = details.data?.[name];
  return typeof value === 'string' ? value : null;
}
