import type { StreamId } from '../kernel/index.ts';

/**
 * What the sources show one user of the product, as far as it is known. Equal
 * versions mean equal rights.
 */
export interface PrincipalRights {
  /** As the product names its user. */
  readonly principal: string;
  readonly version: string;
  /** A stream that is not in here is as `unknown`: nothing of it exists for the principal. */
  readonly streams: ReadonlyMap<StreamId, StreamRights>;
}

export type StreamRights = KnownRights | UnknownRights;

export interface KnownRights {
  readonly kind: 'known';
  readonly by: RightsSource;
  /** Access classes (`_acl`) whose records are shown; `all`: every record, those without a class included. */
  readonly classes: 'all' | readonly number[];
  /** Native fields that are shown; `all`: every one. */
  readonly fields: 'all' | ReadonlySet<string>;
  /** Rights are at least as new as this. */
  readonly asOf: Date;
}

/** How rights were learned: a strategy of the connector, or a rule of the tenant's own. */
export type RightsSource = 'record' | 'shares' | 'as_user' | 'rule' | 'everyone';

/** Rights that cannot be known: nothing is shown, and `who` can change that. */
export interface UnknownRights {
  readonly kind: 'unknown';
  readonly reason: UnknownReason;
  /** A sentence: what would have to be done. */
  readonly fix: string;
}

export type UnknownReason =
  /** Nobody said who the principal is at this provider. */
  | 'not_linked'
  /** The user has to sign in there. */
  | 'sign_in_needed'
  /** The user is not active there any more. */
  | 'inactive'
  /** Linked a moment ago, or the object is new: not read yet. */
  | 'not_read_yet'
  /** Older than the bound. */
  | 'too_old'
  /** The connection's credential may not see who sees what. */
  | 'refused'
  /** The provider does not tell, and no rule of the tenant's says. */
  | 'not_told';
