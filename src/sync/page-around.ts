import { GantryError, limits } from '../kernel/index.ts';
import type { PageRequest, RecordPage } from '../connectors/index.ts';
import type { LeaseHolder } from '../store/index.ts';
import { isPoison, notePageFailure } from './dead-letters.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { readEach, type EachRead } from './read-each.ts';

export interface PageAround {
  readonly page: RecordPage;
  /** Records of the page that could not be read. */
  readonly dead: EachRead['dead'];
  /** Its records were read one by one: the page itself is a dead letter no more. */
  readonly isAround: boolean;
}

/**
 * A page; after some tries that failed in the same way, or at once where it
 * holds a record too large for any answer, its records one by one, without
 * those that cannot be read. Where the provider cannot step over
 * a page, the failure stays the stream's, and the place is kept as a dead letter.
 */
export async function readPageAround(
  deps: SyncDeps,
  { session }: SyncTarget,
  holder: LeaseHolder,
  request: PageRequest,
): Promise<PageAround> {
  try {
    return { page: await session.readPage(request), dead: [], isAround: false };
  } catch (error) {
    if (!(error instanceof GantryError) || !isPoison(error)) throw error;
    const { object, cursor } = request;
    const fields = session.readRecords === undefined ? undefined : session.placeFields?.(object);
    const tries = await deps.db.tenantTx(
      holder.tenant,
      (tx) => notePageFailure(tx, holder, { cursor, error, last: fields === undefined }),
      'sync.note_page_failure',
    );
    // What is too large was asked for in ever smaller pages already: it would be so again.
    const isCertain = error.code === 'upstream_too_large' || tries >= limits.deadLetterTries;
    if (fields === undefined || !isCertain) throw error;
    const names = { ...object, fields: object.fields.filter(({ name }) => fields.includes(name)) };
    const places = await session.readPage({ ...request, object: names });
    const live = places.records.filter(({ deleted }) => !deleted).map(({ id }) => id);
    const { records, dead } = await readEach(session, object, live);
    const gone = places.records.filter(({ deleted }) => deleted);
    return { page: { ...places, records: [...gone, ...records] }, dead, isAround: true };
  }
}
