import { createCallerCache, type Caller, type CallerInput, type PrincipalRights } from '../../access/index.ts';
import { agentOfClient, principalOf } from '../../identity/index.ts';
import { fromHere, looksLikeToken, type RequestFrom, type TenantId } from '../../kernel/index.ts';
import type { AgentDeclaration, Manifest } from '../../manifest/index.ts';
import type { Catalogue } from '../../mapping/index.ts';
import type { CallerContext } from '../../mcp/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { AgentStops } from './agent-stops.ts';
import type { KeyLookup } from './key-lookup.ts';
import type { TokenLookup } from './token-lookup.ts';

export interface Callers {
  /**
   * The caller behind a bearer key or access token, in the name of whom the
   * request says; null where it is unknown, expired, revoked, or names an agent
   * that is gone. Raises the identity family's errors.
   */
  find(bearer: string, from?: RequestFrom): Promise<CallerContext | null>;
}

/** What the sources show the product's users. Implemented by src/app/access. */
export interface AccessReader {
  rightsOf(tenant: TenantId, principal: string): Promise<PrincipalRights>;
}

export interface CallerDeps {
  readonly keys: KeyLookup;
  readonly tokens: TokenLookup;
  readonly stops: AgentStops;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly access: AccessReader;
}

/** Who asks, before it is known in whose name. */
interface Bearer {
  readonly tenant: TenantId;
  readonly manifest: Manifest;
  readonly agent: AgentDeclaration;
  readonly tokenPrincipal: string | null;
  readonly scopes: ReadonlySet<string> | null;
}

/**
 * The key is looked up on every call, so that revoking it works at once (and
 * within a second where the word of it is lost); what it may see is computed
 * once per agent, grant, catalogue and rights of the user.
 */
export function createCallers(deps: CallerDeps): Callers {
  const { manifests, catalogues, stops, access } = deps;
  const contextOf = createContexts();
  return {
    async find(bearer, from = fromHere) {
      const who = looksLikeToken(bearer) ? await byToken(deps, bearer) : await byKey(deps, bearer);
      if (who === null) return null;
      const { tenant, manifest, agent, tokenPrincipal, scopes } = who;
      const stopped = (await stops.stopOf(agent.name)) !== null;
      const principal = principalOf({ agent, stopped, from, tokenPrincipal });
      const rights = principal === null ? null : await access.rightsOf(tenant, principal);
      const catalogue = await catalogues.of(tenant);
      const tenantSlug = await manifests.slugOf(tenant);
      const context = contextOf({ agent, manifest, catalogue, tenant, tenantSlug, rights });
      return scopes === null ? context : { ...context, scopes };
    },
  };
}

async function byKey({ keys, manifests }: CallerDeps, bearer: string): Promise<Bearer | null> {
  const key = await keys.find(bearer);
  if (key === null) return null;
  const manifest = (await manifests.of(key.tenant))?.manifest;
  const agent = manifest?.agents.get(key.agent);
  if (manifest === undefined || agent === undefined) return null;
  return { tenant: key.tenant, manifest, agent, tokenPrincipal: null, scopes: null };
}

/** The client that the token was made for says which agent it is; the token says whose tenant, and whose name. */
async function byToken({ tokens, manifests }: CallerDeps, token: string): Promise<Bearer | null> {
  const says = await tokens.find(token);
  const tenant = says === null ? null : await tokens.tenantOf(says);
  if (says === null || tenant === null || says.clientId === null) return null;
  const manifest = (await manifests.of(tenant))?.manifest;
  const agent = manifest === undefined ? null : agentOfClient(manifest.agents, says.clientId);
  if (manifest === undefined || agent === null) return null;
  if (!(await tokens.isStanding(says, tenant, agent.name))) return null;
  return { tenant, manifest, agent, tokenPrincipal: says.principal, scopes: says.scopes };
}

/** Of equal parts the same, so that whatever remembers by a caller or its scope finds it again. */
function createContexts(): (input: CallerInput & { readonly manifest: Manifest }) => CallerContext {
  const callers = createCallerCache();
  const scopes = new WeakMap<Catalogue, CallerContext['scope']>();
  const contexts = new WeakMap<Caller, CallerContext>();
  return ({ manifest, ...input }) => {
    const caller = callers.get(input);
    const known = contexts.get(caller);
    if (known !== undefined && known.scope.policies === manifest.policies) return known;
    const { objects, version, documents } = input.catalogue;
    const present = scopes.get(input.catalogue);
    const scope =
      present?.policies === manifest.policies
        ? present
        : { objects, version, documents, policies: manifest.policies, models: manifest.models };
    scopes.set(input.catalogue, scope);
    const context = { caller, scope };
    contexts.set(caller, context);
    return context;
  };
}
