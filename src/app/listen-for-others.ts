import { tenantId } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import { keyChannel, listTenants, type Db } from '../store/index.ts';
import type { ConnectionNotes } from './connections/warn-of-connections.ts';
import { catalogueChannel, type Catalogues } from './project/catalogues.ts';
import { revisionChannel, type Revisions } from './project/revisions.ts';
import type { TenantManifests } from './project/tenant-manifests.ts';

/** What other processes change: new revisions, overlays and schemas. A lost hint costs staleness until the next one. */
export async function listenForOthers(parts: {
  readonly db: Db;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly lens: Lens;
  readonly forgetKeys: () => void;
  readonly connectionNotes: ConnectionNotes;
}): Promise<() => Promise<void>> {
  const { db, revisions, manifests, catalogues, lens, forgetKeys, connectionNotes } = parts;
  const onRevision = async (): Promise<void> => {
    revisions.forget();
    manifests.forgetAll();
    catalogues.forgetAll();
    for (const { id } of await listTenants(db)) lens.layoutChanged(id);
  };
  const stops = [
    await db.listen(keyChannel, forgetKeys),
    await connectionNotes.follow(),
    await db.listen(revisionChannel, () => void onRevision()),
    await db.listen(catalogueChannel, (payload) => {
      const tenant = tenantId(Number(payload));
      manifests.forget(tenant);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    }),
  ];
  return async () => {
    for (const stop of stops) await stop();
  };
}
