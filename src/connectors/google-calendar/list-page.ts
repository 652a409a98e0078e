import type { JsonObject } from '../../kernel/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import { listAt, textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { readFittingPage } from '../kit/fitting-page.ts';
import { trailTo, type Trail } from '../kit/trail.ts';

/** Where a list stands: `page` within an answer of several pages, `sync` between two readings. Both null: at the beginning. */
export interface ListPlace {
  readonly page: string | null;
  readonly sync: string | null;
  /** Over the pages of this reading so far. */
  readonly trail?: Trail | undefined;
}

export interface ListPage {
  readonly items: readonly JsonObject[];
  readonly next: ListPlace;
  /** False: the list is read up to now, and `next.sync` is where changes go on. */
  readonly more: boolean;
  readonly askedAt: Date;
}

/**
 * One page of a list with sync tokens (guide "Synchronize resources
 * efficiently"): `nextPageToken` on every page but the last, which has
 * `nextSyncToken`. All pages of an incremental reading name the token that it
 * began with, beside the page.
 */
export async function readListPage(
  context: SessionContext,
  list: {
    readonly object: string;
    readonly path: string;
    readonly sizeMax: number;
    readonly query: Readonly<Record<string, string>>;
  },
  place: ListPlace,
): Promise<ListPage> {
  const where = `GET ${list.path}`;
  return readFittingPage(context, {
    object: list.object,
    sizeMax: list.sizeMax,
    read: async (size) => {
      const { body, askedAt } = await context.http({
        path: list.path,
        query: {
          ...list.query,
          maxResults: String(size),
          ...(place.sync === null ? {} : { syncToken: place.sync }),
          ...(place.page === null ? {} : { pageToken: place.page }),
        },
      });
      const items = listAt(body, 'items', where);
      const page = tokenAt(body, 'nextPageToken', where);
      if (page !== null) {
        if (page === place.page) return null;
        const trail = trailTo(place.trail, { place: page, records: items.length, object: list.object, where });
        return { items, next: { page, sync: place.sync, trail }, more: true, askedAt };
      }
      const sync = tokenAt(body, 'nextSyncToken', where);
      if (sync === null) throw unusable('nextSyncToken', where, 'is missing on the last page');
      return { items, next: { page: null, sync }, more: false, askedAt };
    },
  });
}

function tokenAt(body: Parameters<typeof textAt>[0], path: string, where: string): string | null {
  const token = textAt(body, path);
  if (token !== null && token.length > limits.cursorCharsMax) {
    throw unusable(path, where, 'is longer than an address can carry');
  }
  if (token !== null && !/^[\x20-\x7e]*$/.test(token)) throw unusable(path, where, 'has signs that no token has');
  return token === '' ? null : token;
}

function unusable(path: string, where: string, why: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `Google's answer cannot be gone on from: "${path}" ${why}.`,
    where,
    data: { class: 'malformed_response', path },
  });
}
