import { tenantId } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import { keyChannel, listTenants, type Db } from '../store/index.ts';
import type { ConnectionNotes } from './connections/warn-of-connections.ts';
import { catalogueChannel, type Catalogues } from './project/catalogues.ts';
import { revisionChannel, type Revisions } from './project/revisions.ts';
import type { TenantManifests } from './project/tenant-manifests.ts';

/**
 * What other processes change: new revisions, overlays and schemas. Where words
 * may have been lost, all is read again. What decides rights does not depend on
 * them at all: whoever asks for the project looks whether it is still the same.
 */
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
  const tellLens = async (): Promise<void> => {
    for (const { id } of await listTenants(db)) lens.layoutChanged(id);
  };
  const forgetProject = (): void => {
    revisions.forget();
    manifests.forgetAll();
    catalogues.forgetAll();
    // Where the database is away again, so is the listener: all is forgotten once more when it is back.
    void tellLens().catch(() => undefined);
  };
  const forgetOf = (payload: string): void => {
    const tenant = tenantId(Number(payload));
    manifests.forget(tenant);
    catalogues.forget(tenant);
    lens.layoutChanged(tenant);
  };
  const stops = [
    await db.listen(keyChannel, forgetKeys, forgetKeys),
    await connectionNotes.follow(),
    await db.listen(revisionChannel, forgetProject, forgetProject),
    // What was missed here was missed on the channel above, too.
    await db.listen(catalogueChannel, forgetOf),
  ];
  return async () => {
    for (const stop of stops) await stop();
  };
}
