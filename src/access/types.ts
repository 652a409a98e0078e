import type { TenantId } from '../kernel/index.ts';
import type { Filter } from '../filter/index.ts';
import type { CatalogueField, CatalogueMany, CatalogueObject } from '../mapping/index.ts';

/**
 * Who is asking and what exists for them. Built once per (agent, grant
 * revision, catalogue version) and shared by every door. What is not in
 * `objects` does not exist for the caller: not in the catalogue, filters,
 * sorts, SQL, errors or suggestions.
 */
export interface Caller {
  readonly tenant: TenantId;
  readonly tenantSlug: string;
  readonly agent: string;
  /** Changes whenever visibility may have changed: keys caches and temporary tables. */
  readonly accessVersion: string;
  readonly objects: ReadonlyMap<string, VisibleObject>;
  readonly tools: ReadonlySet<string>;
  /** Saved queries that are tools of their own. */
  readonly savedQueries: ReadonlySet<string>;
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
}

/** The whole catalogue: only for resolving row filters, never for anything the caller wrote. */
export interface PolicyScope {
  readonly objects: ReadonlyMap<string, CatalogueObject>;
}
