import type { LensUseCases } from '../../api/index.ts';
import type { JsonObject, TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import type { Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';

/** The life of lens files as the REST door offers it; each call reaches the process that holds the tenant. */
export function createLensUseCases({ db, lens }: { readonly db: Db; readonly lens: Lens }): LensUseCases {
  const statusOf = async (slug: string, tenant: TenantId): Promise<JsonObject> => {
    const { layoutVersion, appliedSeq, headSeq, fileBytes, streams } = await lens.status(tenant);
    return {
      tenant: slug,
      layout: layoutVersion,
      applied: appliedSeq,
      head: headSeq,
      behind: Math.max(0, headSeq - appliedSeq),
      file_bytes: fileBytes,
      rows: streams.reduce((sum, stream) => sum + stream.rows, 0),
      objects: streams.length,
      loading: streams.filter((stream) => stream.backfilling).length,
    };
  };
  return {
    status: async (_operator, { tenant }) => statusOf(tenant, await requireTenant(db, tenant)),
    async rebuild(_operator, { tenant }) {
      const id = await requireTenant(db, tenant);
      await lens.rebuild(id);
      return statusOf(tenant, id);
    },
    async snapshot(_operator, { tenant }) {
      const { seq, fileBytes, ms } = await lens.snapshot(await requireTenant(db, tenant));
      return { tenant, seq, file_bytes: fileBytes, ms: Math.round(ms) };
    },
  };
}
