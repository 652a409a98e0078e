import { canonicalJson, contentHash, limits, type GantryError, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Cursor } from '../connectors/index.ts';
import { addLetter, changeLetter, lockLetter, type DeadLetterKey, type Tx } from '../store/index.ts';
import { nextLetterState, type DeadLetterEvent, type DeadLetterState } from './dead-letter-state.ts';

/** What the same call would answer again: trying it for ever would stop the stream. */
export const isPoison = ({ code }: GantryError): boolean =>
  code === 'upstream_malformed' || code === 'upstream_too_large';

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
  const event = last && tries >= limits.deadLetterTries ? 'failed_for_good' : 'failed';
  await noteFailure(tx, key, event, error, cursor);
  return tries;
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
