import { canonicalJson, contentHash, limits, type Json, type TenantId } from '../kernel/index.ts';
import type { AgentDeclaration } from '../manifest/index.ts';
import type { Catalogue } from '../mapping/index.ts';
import { grantFor, type GrantedObject } from './grant-for.ts';
import { reduceObject } from './reduce-object.ts';
import type { Caller, VisibleObject } from './types.ts';

export interface CallerInput {
  readonly agent: AgentDeclaration;
  readonly catalogue: Catalogue;
  readonly tenant: TenantId;
  readonly tenantSlug: string;
}

/**
 * What exists for an agent at a tenant: its grant, intersected with what this
 * tenant's systems hold. Whatever the grant does not name does not exist;
 * names in the grant that this tenant does not have are no error (systems
 * differ), they just give nothing.
 */
export function callerFor({ agent, catalogue, tenant, tenantSlug }: CallerInput): Caller {
  const { grant } = agent;
  const granted = new Map<string, GrantedObject>();
  for (const object of catalogue.objects.values()) {
    const found = grantFor(object, grant.objects);
    if (found !== null) granted.set(object.name, found);
  }
  const objects = new Map<string, VisibleObject>();
  for (const object of catalogue.objects.values()) {
    const own = granted.get(object.name);
    if (own !== undefined) objects.set(object.name, reduceObject(object, own, granted));
  }
  return {
    tenant,
    tenantSlug,
    agent: agent.name,
    accessVersion: accessVersion({ agent, catalogue, tenant, tenantSlug }),
    objects,
    tools: new Set(grant.tools),
    savedQueries: new Set(grant.savedQueries),
    rowsMax: grant.rowsMax ?? limits.sqlRowsMax,
    callsPerMinute: grant.callsPerMinute,
  };
}

/** Equal for equal rights over an equal catalogue; positions in files do not count. */
function accessVersion({ agent, catalogue, tenant }: CallerInput): string {
  const objects: Json = Object.fromEntries(
    [...agent.grant.objects].map(([name, { fields, where }]) => [
      name,
      // Filters are plain data: kinds, names and literals.
      { fields: fields === null ? null : [...fields].toSorted(), where: where as unknown as Json },
    ]),
  );
  const tools = [...agent.grant.tools].toSorted();
  const { rowsMax } = agent.grant;
  return contentHash(
    canonicalJson({ tenant, agent: agent.name, catalogue: catalogue.version, objects, tools, rowsMax }),
  );
}
