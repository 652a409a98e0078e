import { callerFor } from '../../access/index.ts';
import type { Catalogue } from '../../mapping/index.ts';
import type { CallerContext } from '../../mcp/index.ts';
import type { AgentDeclaration } from '../../manifest/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { KeyLookup } from './key-lookup.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface Callers {
  /** The caller behind a bearer key; null where the key is unknown, expired, revoked, or names an agent that is gone. */
  find(bearer: string): Promise<CallerContext | null>;
}

export interface CallerDeps {
  readonly keys: KeyLookup;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
}

/**
 * The key is looked up on every call, so that revoking it works at once (and
 * within a second where the word of it is lost); what it may see is computed once per agent, grant and catalogue.
 */
export function createCallers({ keys, manifests, catalogues }: CallerDeps): Callers {
  const contexts = new WeakMap<Catalogue, Map<AgentDeclaration, CallerContext>>();

  const find: Callers['find'] = async (bearer) => {
    const key = await keys.find(bearer);
    if (key === null) return null;
    const manifest = (await manifests.of(key.tenant))?.manifest;
    const agent = manifest?.agents.get(key.agent);
    if (manifest === undefined || agent === undefined) return null;
    const catalogue = await catalogues.of(key.tenant);
    const byAgent = contexts.get(catalogue) ?? new Map<AgentDeclaration, CallerContext>();
    contexts.set(catalogue, byAgent);
    const known = byAgent.get(agent);
    if (known !== undefined) return known;
    const tenantSlug = await manifests.slugOf(key.tenant);
    const caller = callerFor({ agent, catalogue, tenant: key.tenant, tenantSlug });
    const { objects, version, documents } = catalogue;
    const context: CallerContext = { caller, scope: { objects, version, documents, policies: manifest.policies } };
    byAgent.set(agent, context);
    return context;
  };
  return { find };
}
