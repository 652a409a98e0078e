import { GantryError } from '../kernel/index.ts';
import type { ConnectorSession, PageRequest, RecordPage } from '../connectors/index.ts';
import type { LeaseHolder } from '../store/index.ts';
import { isCertain, isPoison, noteLeftOut, notePageFailure } from './dead-letters.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { readEach, type EachRead } from './read-each.ts';

export interface PageAround {
  readonly page: RecordPage;
  /** Records of the page that could not be read. */
  readonly dead: EachRead['dead'];
  /**
   * `whole`: as it came. `around`: its records were read one by one, and the page
   * itself is a dead letter no more. `past`: it comes after one that was left out.
   */
  readonly how: 'whole' | 'around' | 'past';
}

/**
 * A page; after some tries that failed in the same way, or at once where it
 * holds a record too large for any answer, its records one by one, without
 * those that cannot be read. Where the provider does not give them so, the next
 * page that can be read, and the place of the one before is kept as a dead letter;
 * where there is none either, the failure stays the stream's.
 */
export async function readPageAround(
  deps: SyncDeps,
  { session }: SyncTarget,
  holder: LeaseHolder,
  request: PageRequest,
): Promise<PageAround> {
  try {
    return { page: await session.readPage(request), dead: [], how: 'whole' };
  } catch (error) {
    if (!(error instanceof GantryError) || !isPoison(error)) throw error;
    const { object, cursor } = request;
    const fields = session.readRecords === undefined ? null : (session.placeFields?.(object) ?? null);
    const tries = await deps.db.tenantTx(
      holder.tenant,
      (tx) => notePageFailure(tx, holder, { cursor, error, last: fields === null }),
      'sync.note_page_failure',
    );
    if (!isCertain(error, tries)) throw error;
    if (fields === null) return readPast(deps, session, holder, { request, error });
    const names = { ...object, fields: object.fields.filter(({ name }) => fields.includes(name)) };
    const places = await session.readPage({ ...request, object: names });
    const live = places.records.filter(({ deleted }) => !deleted).map(({ id }) => id);
    const { records, dead } = await readEach(session, object, live);
    const gone = places.records.filter(({ deleted }) => deleted);
    return { page: { ...places, records: [...gone, ...records] }, dead, how: 'around' };
  }
}

async function readPast(
  deps: SyncDeps,
  session: ConnectorSession,
  holder: LeaseHolder,
  { request, error }: { readonly request: PageRequest; readonly error: GantryError },
): Promise<PageAround> {
  const past = (await session.readPast?.(request)) ?? null;
  if (past === null) throw error;
  const { cursor } = request;
  await deps.db.tenantTx(
    holder.tenant,
    (tx) => noteLeftOut(tx, holder, { cursor, error, leftOut: past.leftOut }),
    'sync.note_left_out',
  );
  return { page: past.page, dead: [], how: 'past' };
}
