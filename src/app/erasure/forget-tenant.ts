import type { TenantId } from '../../kernel/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

/** What this process remembers of a tenant that is gone. */
export function forgetTenant(
  parts: {
    readonly manifests: TenantManifests;
    readonly catalogues: Catalogues;
    readonly forgetKeys: () => void;
  },
  tenant: TenantId,
): void {
  parts.manifests.forget(tenant);
  parts.catalogues.forget(tenant);
  parts.forgetKeys();
}
