import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Filter } from '../filter/index.ts';
import type { WriteGrant } from '../manifest/index.ts';
import type { CatalogueField, CatalogueMany, CatalogueObject, CatalogueSource } from '../mapping/index.ts';
import type { PrincipalRights, UnknownRights } from './rights.ts';

/**
 * Who is asking and what exists for them. Built once per (agent, grant
 * revision, catalogue version, rights of the user it acts for) and shared by
 * every door. What is not in `objects` does not exist for the caller: not in
 * the catalogue, filters, sorts, SQL, errors or suggestions.
 */
export interface Caller {
  readonly tenant: TenantId;
  readonly tenantSlug: string;
  readonly agent: string;
  /** The user of the product that the agent acts for, with what the sources show them; null: the agent is a service of its own. */
  readonly principal: PrincipalRights | null;
  /** Changes whenever visibility may have changed: keys caches and temporary tables. */
  readonly accessVersion: string;
  /** What a list is bound to from page to page: who asks, for whom, over what; it outlives a change of the user's rights. */
  readonly questionVersion: string;
  /** By object that the grant names: its systems of which nobody knows what the principal may see. Nothing of them is shown. */
  readonly withheld: ReadonlyMap<string, readonly WithheldSource[]>;
  readonly objects: ReadonlyMap<string, VisibleObject>;
  readonly tools: ReadonlySet<string>;
  /** Saved queries that are tools of their own. */
  readonly savedQueries: ReadonlySet<string>;
  /** What it may write, by object name as granted; absent: nothing. */
  readonly write?: ReadonlyMap<string, WriteGrant>;
  /** Operations of models that it may run, as `<model>.<name>`; absent: none. */
  readonly operations?: ReadonlySet<string>;
  readonly rowsMax: number;
  readonly callsPerMinute: number | null;
}

/** A catalogue object reduced to what the caller may see. */
export interface VisibleObject extends CatalogueObject {
  readonly fields: ReadonlyMap<string, CatalogueField>;
  readonly many: ReadonlyMap<string, CatalogueMany>;
  /**
   * Records that the caller may see. Its paths may name fields that the caller
   * may not: the policy is the tenant's, not the caller's, so it is resolved
   * against `policyScope`, never against `fields`.
   */
  readonly rowFilter: Filter | null;
  /** What the sources' rights left out of it; absent: nothing. */
  readonly restricted?: {
    /** Not all records, or not all that they are made of. */
    readonly limited: boolean;
    /** Columns that say something else than to those who see everything. */
    readonly changed: ReadonlySet<string>;
    /** Fields that are hidden in a stream's records. */
    readonly masked: ReadonlyMap<StreamId, ReadonlySet<string>>;
  };
}

/** A system of an object, and why nobody knows what the principal may see there. */
export interface WithheldSource {
  readonly source: CatalogueSource;
  readonly rights: UnknownRights;
}

/** The whole catalogue: only for resolving row filters, never for anything the caller wrote. */
export interface PolicyScope {
  readonly objects: ReadonlyMap<string, CatalogueObject>;
}
