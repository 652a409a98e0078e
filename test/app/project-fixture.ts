import { createOverlays, type Overlays } from '../../src/app/project/overlays.ts';
import { createRevisions, type Revisions } from '../../src/app/project/revisions.ts';
import { createTenantManifests, type TenantManifests } from '../../src/app/project/tenant-manifests.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemClock, systemRandom, type Clock, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, type Db } from '../../src/store/index.ts';
import { edited, known, plainFiles } from '../manifest/project.ts';

export interface TestProject {
  readonly db: Db;
  readonly revisions: Revisions;
  readonly overlays: Overlays;
  readonly manifests: TenantManifests;
  /** Tenants whose overlay changed, as the rest of the process is told of it. */
  readonly changed: TenantId[];
}

/** Revisions and overlays over a database, put together as a process does. */
export function openProject(db: Db, clock: Clock = systemClock): TestProject {
  const revisions = createRevisions(db, known, { clock });
  const manifests = createTenantManifests(db, revisions, clock);
  const changed: TenantId[] = [];
  const onChange = (tenant: TenantId): void => {
    manifests.forget(tenant);
    changed.push(tenant);
  };
  const append = auditAppender(systemRandom);
  return { db, revisions, manifests, changed, overlays: createOverlays({ db, revisions, known, append, onChange }) };
}

type Edits = Parameters<typeof edited>[0];

/** The small project of test/manifest without policies and overlays, changed. */
export const projectWith = (edits: Edits = {}): Map<string, string> =>
  new Map([...edited(edits)].filter(([file]) => file in plainFiles));

/** A tenant with a connection that serves `crm`. */
export async function connectedTenant(db: Db, slug: string): Promise<TenantId> {
  const tenant = await db.tx((tx) => addTenant(tx, { slug, at: tx.now }));
  await db.tenantTx(tenant, (tx) =>
    addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'salesforce', state: 'created' }),
  );
  return tenant;
}
