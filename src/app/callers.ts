import { callerFor } from '../access/index.ts';
import type { TenantId } from '../kernel/index.ts';
import type { Catalogue } from '../mapping/index.ts';
import type { CallerContext } from '../mcp/index.ts';
import type { AgentDeclaration } from '../manifest/index.ts';
import { findApiKey, listTenants, type Db } from '../store/index.ts';
import type { Catalogues } from './catalogues.ts';
import type { Revisions } from './revisions.ts';

export interface Callers {
  /** The caller behind a bearer key; null where the key is unknown, expired, revoked, or names an agent that is gone. */
  find(bearer: string): Promise<CallerContext | null>;
}

export interface CallerDeps {
  readonly db: Db;
  readonly revisions: Revisions;
  readonly catalogues: Catalogues;
}

/**
 * The key is looked up on every call, so that revoking it works at once; what
 * it may see is computed once per agent, grant and catalogue.
 */
export function createCallers({ db, revisions, catalogues }: CallerDeps): Callers {
  const slugs = new Map<TenantId, string>();
  const contexts = new WeakMap<Catalogue, Map<AgentDeclaration, CallerContext>>();

  const slugOf = async (tenant: TenantId): Promise<string> => {
    const known = slugs.get(tenant);
    if (known !== undefined) return known;
    for (const row of await listTenants(db)) slugs.set(row.id, row.slug);
    return slugs.get(tenant) ?? String(tenant);
  };

  const find: Callers['find'] = async (bearer) => {
    const key = await findApiKey(db, bearer);
    if (key === null) return null;
    const agent = (await revisions.current())?.manifest.agents.get(key.agent);
    if (agent === undefined) return null;
    const catalogue = await catalogues.of(key.tenant);
    const byAgent = contexts.get(catalogue) ?? new Map<AgentDeclaration, CallerContext>();
    contexts.set(catalogue, byAgent);
    const known = byAgent.get(agent);
    if (known !== undefined) return known;
    const tenantSlug = await slugOf(key.tenant);
    const caller = callerFor({ agent, catalogue, tenant: key.tenant, tenantSlug });
    const context: CallerContext = { caller, scope: { objects: catalogue.objects, version: catalogue.version } };
    byAgent.set(agent, context);
    return context;
  };
  return { find };
}
