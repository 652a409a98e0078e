import type {
  AccessFacts,
  Audience,
  ConnectorSession,
  Cursor,
  Grantee,
  SessionPermissions,
  Share,
  Standing,
} from '../../src/connectors/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { readAll } from './contract-suite.ts';

/** Everything that a connector tells of access, put together in memory: what the two sets say of each user and record. */
export interface DerivedAccess {
  readonly facts: AccessFacts;
  /** Ids of live records of the object whose audience the standing meets. */
  shownTo(standing: Standing, object: string): string[];
  readonly records: ReadonlyMap<string, readonly string[]>;
  /** Reads shares again from where it stands, and the list of those that there are, if it is asked for. */
  refreshShares(list?: 'listed' | 'unlisted'): Promise<void>;
}

export function permissionsOf(session: ConnectorSession): SessionPermissions {
  const { permissions } = session;
  if (permissions === undefined) throw new Error('the session tells nothing of access');
  return permissions;
}

export async function deriveAccess(
  session: ConnectorSession,
  objects: readonly NativeObject[],
): Promise<DerivedAccess> {
  const permissions = permissionsOf(session);
  const facts = await permissions.readFacts(objects);
  const audiences = new Map<string, ReadonlyMap<string, Audience | null>>();
  for (const object of objects) {
    const { records } = await readAll(session, object, null);
    const live = records.filter(({ deleted }) => !deleted);
    audiences.set(
      object.name,
      new Map(live.map((record) => [record.id, permissions.audienceOf(object, record, facts)])),
    );
  }
  const feeds = objects
    .filter((object) => permissions.strategyOf(object, facts).kind === 'shares')
    .map((object) => shareFeed(permissions, object, facts));
  for (const feed of feeds) await feed.refresh('listed');
  const feedOf = new Map(feeds.map((feed) => [feed.object, feed]));

  const worked = new Map<string, readonly Grantee[]>();
  const granteesOf = (object: string, id: string): readonly Grantee[] => {
    const key = `${object} ${id}`;
    const known = worked.get(key) ?? workedOut(object, id, new Set());
    worked.set(key, known);
    return known;
  };
  const workedOut = (object: string, id: string, seen: ReadonlySet<string>): Grantee[] => {
    const key = `${object} ${id}`;
    const audience = audiences.get(object)?.get(id) ?? null;
    if (audience === null || seen.has(key)) return [];
    const parents = audience.sameAs ?? [];
    const feed = feedOf.get(object);
    return [
      ...audience.grantees,
      ...(feed?.of(id) ?? []),
      ...(audience.sharesOf === undefined ? [] : (feed?.of(audience.sharesOf) ?? [])),
      ...parents.flatMap((parent) => workedOut(parent.object, parent.id, new Set([...seen, key]))),
    ];
  };
  return {
    facts,
    records: new Map([...audiences].map(([name, byId]) => [name, [...byId.keys()]])),
    shownTo: (standing, object) => {
      const rights = standing.objects.get(object);
      if (!standing.active || rights === undefined) return [];
      const own = new Set(standing.grantees);
      const ids = [...(audiences.get(object)?.keys() ?? [])];
      return ids.filter((id) => rights.seesAll || granteesOf(object, id).some((grantee) => own.has(grantee)));
    },
    refreshShares: async (list = 'listed') => {
      worked.clear();
      for (const feed of feeds) await feed.refresh(list);
    },
  };
}

interface ShareFeed {
  readonly object: string;
  of(recordId: string): readonly Grantee[];
  refresh(list: 'listed' | 'unlisted'): Promise<void>;
}

function shareFeed(permissions: SessionPermissions, object: NativeObject, facts: AccessFacts): ShareFeed {
  const shares = new Map<string, Share>();
  let byRecord = new Map<string, Grantee[]>();
  let cursor: Cursor | null = null;
  return {
    object: object.name,
    of: (recordId) => byRecord.get(recordId) ?? [],
    refresh: async (list) => {
      for (let more = true; more;) {
        const page = await permissions.readShares?.(object, cursor, facts);
        if (page === undefined) throw new Error(`${object.name} has no shares to be read`);
        for (const share of page.shares) {
          if (share.ended) shares.delete(share.id);
          else shares.set(share.id, share);
        }
        cursor = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
        ({ more } = page);
      }
      const listed = list === 'unlisted' ? null : await listedShares(permissions, object);
      for (const id of shares.keys()) if (listed?.has(id) === false) shares.delete(id);
      byRecord = new Map();
      for (const { recordId, grantee } of shares.values()) {
        byRecord.set(recordId, [...(byRecord.get(recordId) ?? []), grantee]);
      }
    },
  };
}

async function listedShares(permissions: SessionPermissions, object: NativeObject): Promise<Set<string> | null> {
  if (permissions.listShareIds === undefined) return null;
  const ids = new Set<string>();
  let after: string | null = null;
  for (let more = true; more;) {
    const page: { ids: readonly string[]; more: boolean } = await permissions.listShareIds(object, after);
    for (const id of page.ids) ids.add(id);
    after = page.ids.at(-1) ?? null;
    ({ more } = page);
  }
  return ids;
}
