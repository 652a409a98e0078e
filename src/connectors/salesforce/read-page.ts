import type { PageRequest, RecordPage } from '../contract.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { isBulkCursor, readBulkPage, startBulk, type BulkOptions } from './read-bulk.ts';
import { readKeysetPage } from './read-keyset.ts';

/**
 * A first load of a large object goes by bulk job, everything else by queries
 * in the order of change. Most objects fit into one page: they are not counted
 * first, a large one gives its first page up.
 */
export async function readPage(
  context: SessionContext,
  request: PageRequest,
  options: BulkOptions,
): Promise<RecordPage> {
  if (isBulkCursor(request.cursor)) return readBulkPage(context, request, options);
  const page = await readKeysetPage(context, request);
  const isSmall = !page.more && page.records.length <= options.fromRecords;
  if (request.cursor !== null || isSmall) return page;
  return (await startBulk(context, request, options)) ?? page;
}
