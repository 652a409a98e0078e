import { GantryError, limits, type JsonObject } from '../../../kernel/index.ts';
import { listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { readPath } from '../../kit/value-path.ts';

export interface ZendeskPage {
  readonly rows: readonly JsonObject[];
  /** Null: that was the last page. */
  readonly next: string | null;
}

const PAGE_ROWS = 100;

/** One page with a cursor (guide "Pagination"); lists without one come whole. */
export async function listPage(
  context: SessionContext,
  list: { readonly path: string; readonly rows: string; readonly rawQuery?: string },
  after: string | null,
): Promise<ZendeskPage> {
  const cursor = after === null ? '' : `&page[after]=${encodeURIComponent(after)}`;
  const more = list.rawQuery === undefined ? '' : `&${list.rawQuery}`;
  try {
    const rawQuery = `page[size]=${String(PAGE_ROWS)}${cursor}${more}`;
    const { body } = await context.http({ path: list.path, rawQuery });
    const rows = listAt(body, list.rows, `GET ${list.path}`);
    const hasMore = readPath(body, 'meta.has_more') === true;
    const next = hasMore ? textAt(body, 'meta.after_cursor') : null;
    return { rows, next: next === after ? null : next };
  } catch (error) {
    throw error instanceof GantryError && error.code === 'upstream_forbidden' ? refused(list.path, error) : error;
  }
}

/** All rows. Raises `access_source_refused` where the connected user may not read them. */
export async function wholeList(
  context: SessionContext,
  list: { readonly path: string; readonly rows: string; readonly rawQuery?: string },
): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  let next: string | null = null;
  do {
    const page: ZendeskPage = await listPage(context, list, next);
    rows.push(...page.rows);
    if (rows.length > limits.accessRowsMax) throw endless(list.path);
    ({ next } = page);
  } while (next !== null);
  return rows;
}

function endless(path: string): GantryError {
  return new GantryError('upstream_too_large', {
    message: 'Zendesk has more rows than access can be worked out from.',
    where: `GET ${path}`,
    data: { class: 'too_large' },
  });
}

function refused(path: string, cause: GantryError): GantryError {
  return new GantryError('access_source_refused', {
    message: 'Zendesk does not let the connected user read what says who is shown what.',
    where: cause.details.where ?? `GET ${path}`,
    fix: 'Connect a Zendesk administrator.',
  });
}
