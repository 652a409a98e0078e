import { createCallerCache } from '../../access/index.ts';
import { limits } from '../../kernel/index.ts';
import type { AccessPort } from '../../query/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { AccessParts } from './access-parts.ts';

export interface QueryAccessDeps {
  readonly access: Pick<AccessParts, 'reader' | 'visibleNow'>;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
}

/** What questions ask about rights while they wait, over what is kept of them. */
export function createQueryAccess({ access, manifests, catalogues }: QueryAccessDeps): AccessPort {
  const callers = createCallerCache();
  return {
    async refreshed({ caller, scope, streams }) {
      const { tenant, tenantSlug, principal } = caller;
      if (principal === null) return caller;
      const waitMs = limits.accessWaitMs;
      const rights = await access.reader.refreshNow(tenant, principal.principal, { streams, waitMs });
      if (rights === null) return null;
      const agent = (await manifests.of(tenant))?.manifest.agents.get(caller.agent);
      const catalogue = await catalogues.of(tenant);
      // The question was asked over another catalogue: better asked again than answered over two.
      if (agent === undefined || catalogue.version !== scope.version) return null;
      return callers.get({ agent, catalogue, tenant, tenantSlug, rights });
    },
    visibleNow: async ({ caller, stream, ids }) => {
      if (caller.principal === null) return new Set(ids);
      return access.visibleNow({ tenant: caller.tenant, principal: caller.principal.principal, stream, ids });
    },
  };
}
