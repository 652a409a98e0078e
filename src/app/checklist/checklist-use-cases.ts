import type { ChecklistUseCases } from '../../api/index.ts';
import { limits, type JsonObject } from '../../kernel/index.ts';
import { listTenants } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { manifestOf } from '../write/manifest-of.ts';
import { gatherFacts, type GatherDeps } from './gather.ts';
import { checklistLines } from './lines.ts';

/** The list before a launch, as the REST door and the CLI offer it. */
export function createChecklist(deps: GatherDeps & { readonly manifests: TenantManifests }): ChecklistUseCases {
  const { db, manifests } = deps;
  return {
    run: async (operator, { tenant: named }) => {
      const tenants =
        named === undefined ? await listTenants(db) : [{ id: await requireTenant(db, named), slug: named }];
      const told: JsonObject[] = [];
      for (const { id, slug } of tenants.slice(0, limits.checklistTenantsMax)) {
        const { manifest } = await manifestOf(manifests, id);
        // Where undoing is rehearsed nothing is launched.
        if (named === undefined && manifest.policies.checklist?.sandbox === slug) continue;
        const facts = await gatherFacts(deps, { tenant: id, slug, manifest, operator });
        const lines = checklistLines(facts);
        told.push({
          tenant: slug,
          pass: lines.every(({ pass }) => pass),
          lines: lines.map((line) => ({ ...line, evidence: [...line.evidence] })),
        });
      }
      return { pass: told.length > 0 && told.every(({ pass }) => pass === true), tenants: told };
    },
  };
}
