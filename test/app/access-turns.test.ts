import { beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../../src/kernel/index.ts';
import { accessChannel, listConnections, wantAccessTurn, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { connectedTenant, openProject, projectWith, type TestProject } from './project-fixture.ts';

const LATER_MS = 3_600_000;

describe('who is shown what is looked at again', () => {
  const open = openerOf('pglite');
  let db: Db;
  let project: TestProject;
  let tenants: readonly TenantId[] = [];
  const told: string[] = [];
  beforeAll(async () => {
    db = await open();
    project = openProject(db);
    tenants = [await connectedTenant(db, 'acme'), await connectedTenant(db, 'globex')];
    await db.listen(accessChannel, (payload) => told.push(payload));
  });
  /** Every connection has had its turn. */
  const putOff = async (): Promise<void> => {
    await db.query('delete from access_turn', []);
    for (const tenant of tenants) {
      await db.tenantTx(tenant, async (tx) => {
        for (const { id } of await listConnections(tx, tenant)) {
          await wantAccessTurn(tx, { tenant, connection: id }, new Date(tx.now.getTime() + LATER_MS));
        }
      });
    }
    told.length = 0;
  };
  const due = async (): Promise<TenantId[]> => {
    const rows = await db.query<{ tenant: TenantId }>(
      'select tenant from access_turn where due_at <= now() order by tenant',
      [],
    );
    return rows.map(({ tenant }) => tenant);
  };

  it('at once where a revision is applied, and not where it is the one in force', async () => {
    await putOff();
    await project.revisions.apply({ files: projectWith(), author: 'ida', message: '' });
    expect(await due()).toEqual(tenants);
    await expect.poll(() => [...told].toSorted()).toEqual(tenants.map(String));
    await putOff();
    await project.revisions.apply({ files: projectWith(), author: 'ida', message: '' });
    expect(await due()).toEqual([]);
  });

  it('at once where the overlay of a tenant becomes another one, for that tenant', async () => {
    await putOff();
    const yaml = 'tenant: acme\nintegrations:\n  crm:\n    objects:\n      Account: { permissions: everyone }\n';
    await project.overlays.set({ tenant: 'acme', yaml, file: 'acme.yaml', author: 'ida' });
    expect(await due()).toEqual(tenants.slice(0, 1));
    await expect.poll(() => told).toEqual(tenants.slice(0, 1).map(String));
  });
});
