import { canonicalJson, contentHash, limits, type Json, type TenantId } from '../kernel/index.ts';
import type { AgentDeclaration } from '../manifest/index.ts';
import type { Catalogue } from '../mapping/index.ts';
import { grantFor, type GrantedObject } from './grant-for.ts';
import { reduceObject } from './reduce-object.ts';
import type { PrincipalRights } from './rights.ts';
import { shownObjects } from './shown-objects.ts';
import type { Caller, VisibleObject } from './types.ts';
import { withheldObjects } from './withheld-objects.ts';

export interface CallerInput {
  readonly agent: AgentDeclaration;
  readonly catalogue: Catalogue;
  readonly tenant: TenantId;
  readonly tenantSlug: string;
  /** Of the user that the agent acts for; null or absent: the agent is a service of its own. */
  readonly rights?: PrincipalRights | null;
}

/**
 * What exists for an agent at a tenant: its grant, intersected with what this
 * tenant's systems hold and, where it acts for a user, with what they show
 * that user. Whatever the grant does not name does not exist; names in the
 * grant that this tenant does not have are no error (systems differ), they
 * just give nothing.
 */
export function callerFor(input: CallerInput): Caller {
  const { agent, catalogue, tenant, tenantSlug, rights = null } = input;
  const { grant } = agent;
  const shown = shownObjects(catalogue, rights);
  const granted = new Map<string, GrantedObject>();
  for (const { object } of shown) {
    const found = grantFor(object, grant.objects);
    if (found !== null) granted.set(object.name, found);
  }
  const objects = new Map<string, VisibleObject>();
  for (const { object, restricted } of shown) {
    const own = granted.get(object.name);
    if (own === undefined) continue;
    const reduced = reduceObject(object, own, granted);
    objects.set(object.name, restricted === null ? reduced : { ...reduced, restricted });
  }
  return {
    tenant,
    tenantSlug,
    agent: agent.name,
    principal: rights,
    ...versionsOf(input),
    objects,
    withheld: rights === null ? new Map() : withheldObjects(catalogue, grant.objects, rights),
    tools: new Set(grant.tools),
    savedQueries: new Set(grant.savedQueries),
    ...(grant.write === undefined ? {} : { write: grant.write }),
    ...(grant.operations === undefined ? {} : { operations: new Set(grant.operations) }),
    rowsMax: grant.rowsMax ?? limits.sqlRowsMax,
    callsPerMinute: grant.callsPerMinute,
  };
}

/** Equal for equal rights over an equal catalogue; positions in files do not count. */
function versionsOf({
  agent,
  catalogue,
  tenant,
  rights = null,
}: CallerInput): Pick<Caller, 'accessVersion' | 'questionVersion'> {
  const objects: Json = Object.fromEntries(
    [...agent.grant.objects].map(([name, { fields, where }]) => [
      name,
      // Filters are plain data: kinds, names and literals.
      { fields: fields === null ? null : [...fields].toSorted(), where: where as unknown as Json },
    ]),
  );
  const tools = [...agent.grant.tools].toSorted();
  const { rowsMax } = agent.grant;
  const question = { tenant, agent: agent.name, catalogue: catalogue.version, objects, tools, rowsMax };
  const who = rights === null ? question : { ...question, principal: rights.principal };
  const access = rights === null ? who : { ...who, rights: rights.version };
  return {
    questionVersion: contentHash(canonicalJson(who)),
    accessVersion: contentHash(canonicalJson(access)),
  };
}
