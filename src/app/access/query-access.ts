import { createCallerCache, withinFields, type Caller, type PrincipalRights } from '../../access/index.ts';
import { limits } from '../../kernel/index.ts';
import type { AccessPort, QueryScope } from '../../query/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { AccessParts } from './access-parts.ts';

export interface QueryAccessDeps {
  readonly access: Pick<AccessParts, 'reader' | 'visibleNow' | 'fieldsNow'>;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
}

/** What questions ask about rights while they wait, over what is kept of them. */
export function createQueryAccess({ access, manifests, catalogues }: QueryAccessDeps): AccessPort {
  const callers = createCallerCache();
  /** Null where the question was asked over another catalogue: better asked again than answered over two. */
  const callerWith = async (
    { tenant, tenantSlug, agent: name }: Caller,
    scope: QueryScope,
    rights: PrincipalRights,
  ): Promise<Caller | null> => {
    const agent = (await manifests.of(tenant))?.manifest.agents.get(name);
    const catalogue = await catalogues.of(tenant);
    if (agent === undefined || catalogue.version !== scope.version) return null;
    return callers.get({ agent, catalogue, tenant, tenantSlug, rights });
  };
  return {
    async refreshed({ caller, scope, streams }) {
      const { tenant, principal } = caller;
      if (principal === null) return caller;
      const waitMs = limits.accessWaitMs;
      const rights = await access.reader.refreshNow(tenant, principal.principal, { streams, waitMs });
      return rights === null ? null : callerWith(caller, scope, rights);
    },
    async withinShownFields({ caller, scope, streams }) {
      const { tenant, principal } = caller;
      if (principal === null) return { caller, unasked: new Set() };
      const shown = await access.fieldsNow({ tenant, principal: principal.principal, streams });
      const unasked = new Set(streams.filter((stream) => !shown.has(stream)));
      const rights = withinFields(principal, shown);
      if (rights === principal) return { caller, unasked };
      const less = await callerWith(caller, scope, rights);
      // Nobody can say what is left of another catalogue.
      return less === null ? { caller, unasked: new Set(streams) } : { caller: less, unasked };
    },
    visibleNow: async ({ caller, stream, ids }) => {
      if (caller.principal === null) return new Set(ids);
      return access.visibleNow({ tenant: caller.tenant, principal: caller.principal.principal, stream, ids });
    },
  };
}
