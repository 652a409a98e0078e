import {
  sharesOfRecord,
  type Audience,
  type ConnectorSession,
  type NativeRecord,
  type ObjectStanding,
  type SessionPermissions,
  type Share,
} from '../../src/connectors/index.ts';
import { readRights } from '../../src/app/access/read-rights.ts';
import type { PrincipalRights } from '../../src/access/index.ts';
import {
  canonicalJson,
  contentHash,
  GantryError,
  limits,
  systemClock,
  systemRandom,
  type ConnectionId,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import type { Integration, Manifest, ObjectPermissions } from '../../src/manifest/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import {
  addConnection,
  addTenant,
  askAccessTurn,
  claimAccessTurns,
  ensureStream,
  ingestRecords,
  linkPrincipal,
  saveQuarantine,
  saveSchemaVersion,
  wantAccessTurn,
  type Db,
  type IngestRecord,
} from '../../src/store/index.ts';
import { ingestWithAccess, learnAccess, type AccessDeps, type AccessLogEvent } from '../../src/sync/index.ts';
import { integrationOf } from './harness.ts';

/** A system of its own making, with everything that says who is shown what; the truth that Gantry has to find. */
export interface World {
  /** Accounts are shown to everybody instead of their owners. */
  isPublic: boolean;
  readonly accounts: Map<string, { owner: string }>;
  readonly contacts: Map<string, { account: string }>;
  /** Ids of notes, with the users who are shown them: only asking as the user tells. */
  readonly notes: Map<string, { text: string; readonly shownTo: Set<string> }>;
  readonly shares: Map<string, { recordId: string; grantee: string; at: number }>;
  readonly ended: { readonly id: string; readonly at: number }[];
  at: number;
  /** What was given with accounts to contacts, which follow nothing else then; null: whoever is shown the account is shown them. */
  given: Map<string, { recordId: string; grantee: string; at: number }> | null;
  /** The list of all shares: as it should be, never to be had, never to be had to its end, or not there, so that pages tell of all ends. */
  list: 'whole' | 'fails' | 'breaks_off' | 'absent';
}

export const users = ['u1', 'u2', 'u3'] as const;
/** `g` has u1 and u2. */
const groupsOf = (user: string): string[] => (user === 'u3' ? [] : ['group:g']);

const granteesBeside = (world: World, id: string): string[] =>
  [...world.shares.values()].filter((share) => share.recordId === id).map(({ grantee }) => grantee);

/** What the system itself would answer the user. */
export function isShown(world: World, user: string, object: string, id: string): boolean {
  const standing = new Set([`user:${user}`, 'everyone', ...groupsOf(user)]);
  if (object === 'Note') return world.notes.get(id)?.shownTo.has(user) ?? false;
  if (object === 'Contact') {
    const above = world.contacts.get(id)?.account ?? '';
    if (world.given === null) return isShown(world, user, 'Account', above);
    const name = sharesOfRecord('Account', above);
    return [...world.given.values()].some(({ recordId, grantee }) => recordId === name && standing.has(grantee));
  }
  const account = world.accounts.get(id);
  if (account === undefined) return false;
  const own = world.isPublic ? 'everyone' : ownerOf(account.owner);
  return [own, ...granteesBeside(world, id)].some((grantee) => standing.has(grantee));
}

/** What belongs to nobody is everybody's. */
const ownerOf = (owner: string): string => (owner === '' ? 'everyone' : `user:${owner}`);

const nativeObject = (name: string, fields: readonly string[]): NativeObject => ({
  name,
  label: name,
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: fields.map((field) => ({
    name: field,
    label: field,
    type: 'string',
    nativeType: 'string',
    nullable: true,
    custom: false,
    writable: true,
  })),
});

export const objects: Readonly<Record<string, NativeObject>> = {
  Account: nativeObject('Account', ['Owner', 'Secret']),
  Contact: nativeObject('Contact', ['Account']),
  Note: nativeObject('Note', ['Text']),
};

/** Called in the middle of each call to the system: whatever may happen meanwhile. */
export type Meanwhile = () => Promise<void>;

const unavailable = (): GantryError =>
  new GantryError('upstream_unavailable', { message: 'The list of shares is not to be had.' });

function permissionsOf(world: World, meanwhile: Meanwhile, asUser: string | null): SessionPermissions {
  const standing = (user: string): Map<string, ObjectStanding> =>
    new Map([
      ['Account', { seesAll: false, fields: new Set(user === 'u1' ? ['Owner', 'Secret'] : ['Owner']) }],
      ['Contact', { seesAll: false, fields: new Set(['Account']) }],
      ['Note', { seesAll: false, fields: new Set(['Text']) }],
    ]);
  const fields = (record: NativeRecord, name: string): string => String(record.values[name] ?? '');
  const kinds = { Account: 'shares', Contact: world.given === null ? 'record' : 'shares', Note: 'as_user' } as const;
  const sharesIn = (object: string): World['shares'] =>
    object === 'Contact' ? (world.given ?? new Map<string, never>()) : world.shares;
  const listShareIds: SessionPermissions['listShareIds'] = async ({ name }, afterId) => {
    const all = [...sharesIn(name).keys()].toSorted().filter((id) => afterId === null || id > afterId);
    await meanwhile();
    if (world.list === 'fails' || (world.list === 'breaks_off' && afterId !== null)) throw unavailable();
    return { ids: all.slice(0, 2), more: all.length > 2 };
  };
  return {
    strategyOf: ({ name }) => ({ kind: kinds[name as keyof typeof kinds] }),
    readFacts: async () => {
      const data = { isPublic: world.isPublic };
      await meanwhile();
      return { hash: String(data.isPublic), data };
    },
    audienceOf: ({ name }, record, facts): Audience => {
      if (name === 'Contact') {
        const above = { object: 'Account', id: fields(record, 'Account') };
        if (world.given === null) return { grantees: [], sameAs: [above] };
        return { grantees: [], sharesOf: sharesOfRecord(above.object, above.id) };
      }
      return { grantees: [facts.data['isPublic'] === true ? 'everyone' : ownerOf(fields(record, 'Owner'))] };
    },
    readShares: async ({ name }, cursor) => {
      const after = Number(cursor?.['at'] ?? -1);
      const readAt = systemClock.now();
      const told: (Share & { at: number })[] = [
        ...[...sharesIn(name)].map(([id, share]) => ({ id, ...share, ended: false })),
        ...(name === 'Contact' ? [] : world.ended).map(({ id, at }) => ({
          id,
          recordId: '',
          grantee: '',
          ended: true,
          at,
        })),
      ];
      const next = told.filter(({ at }) => at > after).toSorted((a, b) => a.at - b.at);
      const page = next.slice(0, 2);
      await meanwhile();
      const shares = page.map(({ id, recordId, grantee, ended }) => ({ id, recordId, grantee, ended }));
      return { shares, cursor: { at: page.at(-1)?.at ?? after }, more: next.length > 2, readAt };
    },
    ...(world.list === 'absent' ? {} : { listShareIds }),
    readStandings: async (wanted) => {
      await meanwhile();
      return wanted
        .filter((user) => users.includes(user as 'u1'))
        .map((user) => ({
          user,
          active: true,
          grantees: [`user:${user}`, 'everyone', ...groupsOf(user)],
          objects: standing(user),
        }));
    },
    visibleTo: async (user, { name }, ids) => {
      const shown = new Set(ids.filter((id) => isShown(world, user, name, id)));
      await meanwhile();
      return shown;
    },
    ...(asUser === null ? {} : { asUser: ownOf(world, meanwhile, asUser) }),
  };
}

function ownOf(world: World, meanwhile: Meanwhile, user: string): NonNullable<SessionPermissions['asUser']> {
  return {
    readStanding: async () => ({ user, active: true, grantees: [], objects: new Map() }),
    listIds: async ({ name }, afterId) => {
      const all = [...world.notes.keys()].filter((id) => isShown(world, user, name, id)).toSorted();
      const next = all.filter((id) => afterId === null || id > afterId);
      await meanwhile();
      return { ids: next.slice(0, 2), more: next.length > 2 };
    },
    visible: async ({ name }, ids) => {
      const shown = new Set(ids.filter((id) => isShown(world, user, name, id)));
      await meanwhile();
      return shown;
    },
  };
}

export interface Odd {
  readonly unfit?: readonly string[];
  readonly permissions?: null;
}

export interface AccessStage {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly world: World;
  readonly streams: Readonly<Record<string, StreamId>>;
  readonly events: AccessLogEvent[];
  /** What learns rights is given. */
  readonly deps: AccessDeps;
  meanwhile: Meanwhile;
  /** How old rights may be; null: as usual. */
  maxAgeMs: number | null;
  /** What the project says of accounts; null: as the system tells. */
  said: ObjectPermissions | null;
  /** False: nobody is signed in to the connection. */
  isSignedIn: boolean;
  /** Own sign-ins that are not of whom the principal is linked to. */
  readonly signIns: Map<string, string>;
  /** Says who a principal is there. */
  link(principal: string, sourceUser: string): Promise<void>;
  /**
   * Reads these records of the world, or all, as a page of their stream. `unfit`: fields of each whose values are set
   * aside; `permissions` null: nobody is there who could say what follows from a record.
   */
  ingest(object: string, ids?: readonly string[], odd?: Odd): Promise<void>;
  /** A whole turn, with everything read anew. */
  turn(): Promise<void>;
  /** A turn for which nobody waits. */
  ordinaryTurn(): Promise<void>;
  rights(principal: string): Promise<PrincipalRights>;
  /** Ids of live records that the principal is shown. */
  shown(principal: string, object: string): Promise<string[]>;
  session(asUser: string | null): ConnectorSession;
}

export async function accessStage(db: Db, slug: string): Promise<AccessStage> {
  const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
  const world: World = {
    isPublic: false,
    accounts: new Map(),
    contacts: new Map(),
    notes: new Map(),
    shares: new Map(),
    ended: [],
    at: 0,
    given: null,
    list: 'whole',
  };
  const { connection, streams } = await db.tenantTx(tenant, async (tx) => {
    const added = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'world',
      state: 'working',
    });
    const made: Record<string, StreamId> = {};
    for (const [name, object] of Object.entries(objects)) {
      const stream = await ensureStream(tx, { tenant, connection: added, object: name, everyS: 60 });
      await saveSchemaVersion(tx, { tenant, stream, object });
      made[name] = stream;
    }
    return { connection: added, streams: made };
  });
  const key = { tenant, connection };
  const sources = new Map<string, string>();
  const session = (asUser: string | null): ConnectorSession =>
    ({ permissions: permissionsOf(world, () => stage.meanwhile(), asUser) }) as ConnectorSession;
  const sessionOf = (user: string | undefined): ConnectorSession | null =>
    users.some((each) => each === user) ? session(user ?? null) : null;
  const plain = integrationOf('world', Object.keys(objects));
  const integration = (): Integration => {
    const account = plain.objects.get('Account');
    if (account === undefined || stage.said === null) return plain;
    return { ...plain, objects: new Map([...plain.objects, ['Account', { ...account, permissions: stage.said }]]) };
  };
  const takeTurns = async (): Promise<void> => {
    const claim = { worker: 'test', leaseMs: 60_000, limit: 10, againMs: limits.accessRefreshMs };
    for (const turn of await db.tx((tx) => claimAccessTurns(tx, claim))) {
      await learnAccess(stage.deps, 'test', turn, new AbortController().signal);
    }
  };
  const stage: AccessStage = {
    ...key,
    world,
    streams,
    events: [],
    deps: {
      db,
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => stage.events.push(event),
      maxAgeMs: async () => stage.maxAgeMs,
      targetOf: async () =>
        stage.isSignedIn ? { ...key, slug: 'crm', integration: integration(), session: session(null) } : null,
      integrationOf: async () => integration(),
      userSession: async (_tenant, _connection, principal) =>
        sessionOf(stage.signIns.get(principal) ?? sources.get(principal)),
    },
    signIns: new Map(),
    meanwhile: async () => undefined,
    maxAgeMs: null,
    said: null,
    isSignedIn: true,
    session,
    link: (principal, sourceUser) => {
      sources.set(principal, sourceUser);
      return db.tenantTx(tenant, (tx) =>
        linkPrincipal(tx, key, { principal, sourceUser, sourceName: null, attributes: {}, linkedBy: 'test' }),
      );
    },
    ingest: async (object, ids, odd = {}) => {
      const records = recordsOf(world, object).filter(({ id }) => ids === undefined || ids.includes(id));
      const stream = streamOf(streams, object);
      const permissions = odd.permissions === null ? null : (session(null).permissions ?? null);
      const fields = (odd.unfit ?? []).map((field) => ({ field, reason: 'odd', value: '{}', native: '{}' }));
      const setAside = records.map(({ id }) => ({ id, fields }));
      await db.tenantTx(tenant, async (tx) => {
        await saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records: setAside });
        await ingestWithAccess(
          tx,
          { tenant, stream, object: objects[object] ?? objects['Account']!, permissions, records },
          (kept, forgetAccess) => ingestRecords(tx, { tenant, stream, records: kept, forgetAccess, seenAt: tx.now }),
        );
      });
    },
    turn: async () => {
      await db.tenantTx(tenant, (tx) => askAccessTurn(tx, key));
      await takeTurns();
    },
    ordinaryTurn: async () => {
      await db.tenantTx(tenant, (tx) => wantAccessTurn(tx, key, tx.now));
      await takeTurns();
    },
    rights: (principal) => {
      const integrations = new Map([['crm', integration()]]);
      const manifest = stage.said === null ? null : ({ integrations } as unknown as Manifest);
      return db.tenantRead(tenant, (tx) => readRights(tx, { tenant, principal, manifest }));
    },
    shown: async (principal, object) => {
      const rights = (await stage.rights(principal)).streams.get(streamOf(streams, object));
      if (rights?.kind !== 'known') return [];
      const rows = await db.tenantRead(tenant, (tx) =>
        tx.query<{ id: string; acl: number | null }>(
          'select ext_id as id, acl from record where tenant = $1 and stream = $2 and not deleted order by ext_id',
          [tenant, streamOf(streams, object)],
        ),
      );
      const { classes } = rights;
      return rows.filter(({ acl }) => classes === 'all' || (acl !== null && classes.includes(acl))).map(({ id }) => id);
    },
  };
  for (const user of users) await stage.link(`p-${user}`, user);
  await db.tenantTx(tenant, (tx) => wantAccessTurn(tx, key, tx.now));
  return stage;
}

function streamOf(streams: Readonly<Record<string, StreamId>>, object: string): StreamId {
  const stream = streams[object];
  if (stream === undefined) throw new Error(`no stream of ${object}`);
  return stream;
}

function recordsOf(world: World, object: string): IngestRecord[] {
  const record = (id: string, doc: JsonObject): IngestRecord => {
    const docText = canonicalJson(doc);
    return { id, hash: contentHash(docText), docText, srcAt: null, deleted: false };
  };
  if (object === 'Account')
    return [...world.accounts].map(([id, { owner }]) => record(id, owner === '' ? {} : { Owner: owner }));
  if (object === 'Contact') return [...world.contacts].map(([id, { account }]) => record(id, { Account: account }));
  return [...world.notes].map(([id, { text }]) => record(id, { Text: text }));
}
