import { GantryError, type TenantId } from '../../kernel/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

/** The project in force as the tenant has it. Raises `not_found` before the first apply. */
export async function manifestOf(
  manifests: TenantManifests,
  tenant: TenantId,
): Promise<{ readonly manifest: Manifest }> {
  const applied = await manifests.of(tenant);
  if (applied !== null) return applied;
  throw new GantryError('not_found', {
    message: 'No project has been applied yet.',
    fix: 'Run `gantry apply <folder>`.',
  });
}
