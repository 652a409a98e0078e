import type { JsonObject } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { Cursor, IdPage, NativeRecord } from './contract.ts';
import type { WriteRight, WriteRightsQuestion } from './write-rights.ts';

/**
 * Whom a provider gives access to: a user, a group, a role, everybody. In an
 * alphabet of the connector's own (`user:005...`, `group:00G...`), at most 120
 * characters. A record has an audience, a user a standing, both sets of
 * grantees: the user is shown the record where the two meet.
 */
export type Grantee = string;

/** How a connector learns who is shown the records of an object. */
export type AccessStrategy =
  /** From the record's own values and facts of the account: a record is visible as soon as it is read. */
  | { readonly kind: 'record' }
  /** From the record and from shares beside it: at once for its owner, for others once its shares are read. */
  | { readonly kind: 'shares' }
  /** Only by asking as the user, with the user's own sign-in. */
  | { readonly kind: 'as_user' }
  /** The provider tells nobody. `why` is a sentence for people. */
  | { readonly kind: 'none'; readonly why: string };

export interface Audience {
  readonly grantees: readonly Grantee[];
  /** Whoever is shown one of these records of the same account is shown this one, too (Salesforce: "controlled by parent"). */
  readonly sameAs?: readonly { readonly object: string; readonly id: string }[];
  /**
   * Shares of this object whose `recordId` is this name count for this record,
   * too, beside its own: what was given with a record above it (Salesforce:
   * the opportunities of an account). Always what `sharesOfRecord` says of that record.
   */
  readonly sharesOf?: string;
}

/** Names the shares that were given with a record above; never the id of a record. Where that one changes hands, they are in doubt. */
export const sharesOfRecord = (object: string, id: string): string => `${object}/${id}`;

/**
 * What a provider shows whom. All calls but the two of `asUser` are made with
 * the connection's own credential; they need its administrator's rights, and
 * raise `access_source_refused` with what is missing where it has not got them.
 */
export interface SessionPermissions {
  /** `facts` as of `readFacts`. */
  strategyOf(object: NativeObject, facts: AccessFacts): AccessStrategy;
  /** What audiences follow from beside the records: sharing models, settings. Few calls, whatever the number of objects. */
  readFacts(objects: readonly NativeObject[]): Promise<AccessFacts>;
  /** Pure. Of the strategies `record` and `shares`; of the latter without what shares add. Null: not known, so nobody. */
  audienceOf(object: NativeObject, record: NativeRecord, facts: AccessFacts): Audience | null;
  /**
   * A page of shares in change order, as `readPage`; cursor null: from the
   * first. Only of the strategy `shares`. Raises `cursor_expired` where `facts`
   * give shares another meaning than before: they are read anew, by the same ids.
   */
  readShares?(object: NativeObject, cursor: Cursor | null, facts: AccessFacts): Promise<SharePage>;
  /** Ids of all shares that exist now, in a fixed order: what is not in the list has ended. Absent: pages tell of ends. */
  listShareIds?(object: NativeObject, afterId: string | null): Promise<IdPage>;
  /**
   * Standing of each of these users there, for all these objects; in a number
   * of calls that hardly grows with the users. `facts` as of `readFacts`. A
   * user whom the provider does not know is not in the answer.
   */
  readStandings?(
    users: readonly string[],
    objects: readonly NativeObject[],
    facts: AccessFacts,
  ): Promise<readonly Standing[]>;
  /**
   * Native fields of each of these objects that the provider shows `user`, asked now; an object that may not be read is
   * not in the answer. Where a standing costs much more than that; absent: `readStandings` tells.
   */
  fieldsShownTo?(
    user: string,
    objects: readonly NativeObject[],
    facts: AccessFacts,
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Those of `ids` (at most 200) that the provider shows `user`, asked now: the check of what was derived. */
  visibleTo?(user: string, object: NativeObject, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Whether the provider would let the user write so, asked now, for all writes
   * together; in their order. Null: it does not know the user, or does not let
   * it sign in. Absent: it tells nobody but the user.
   */
  mayWrite?(question: WriteRightsQuestion): Promise<readonly WriteRight[] | null>;
  /** The account's users, for linking the product's users to them; a page after `after` (null: the first). */
  listUsers?(after: string | null): Promise<SourceUserPage>;
  /** What a session that was opened with a user's own sign-in finds. */
  readonly asUser?: AsUserPermissions;
}

/** The session is the user's: what it does not show, the user does not see. */
export interface AsUserPermissions {
  /** The user's own standing: objects and fields by describing them as the user. */
  readStanding(objects: readonly NativeObject[]): Promise<Standing>;
  /** Ids of all records shown to the user now, in a fixed order, after `afterId` (null: from the first). */
  listIds(object: NativeObject, afterId: string | null): Promise<IdPage>;
  /** Those of `ids` (at most 200) that are shown to the user now. */
  visible(object: NativeObject, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Small; kept with the connection. Where `hash` changes, all audiences are worked out anew from the records that are kept. */
export interface AccessFacts {
  readonly hash: string;
  readonly data: JsonObject;
}

export interface SharePage {
  readonly shares: readonly Share[];
  readonly cursor: Cursor;
  readonly more: boolean;
  /** When the provider was asked, less what it holds back. */
  readonly readAt: Date;
}

/** One reason why somebody beyond the owner is shown a record. */
export interface Share {
  readonly id: string;
  /** Id of the record, or a name that audiences have in `sharesOf`. */
  readonly recordId: string;
  readonly grantee: Grantee;
  /** Then only the id counts. */
  readonly ended: boolean;
}

/** What a user is shown at the provider, apart from single records. */
export interface Standing {
  /** The provider's id of the user. */
  readonly user: string;
  /** False: the user may not sign in there any more, and is shown nothing. */
  readonly active: boolean;
  readonly grantees: readonly Grantee[];
  /** By native object; absent: the user may not read the object at all. */
  readonly objects: ReadonlyMap<string, ObjectStanding>;
}

export interface ObjectStanding {
  /** Every record of the object, whatever its audience ("view all"). */
  readonly seesAll: boolean;
  /** Native fields that the user may read. What is not named is hidden. */
  readonly fields: ReadonlySet<string>;
}

export interface SourceUserPage {
  readonly users: readonly SourceUser[];
  /** Null: that was the last page. */
  readonly next: string | null;
}

export interface SourceUser {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
}
