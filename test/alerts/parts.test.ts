import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlertParts, type AlertParts } from '../../src/app/alerts/alert-parts.ts';
import { readConfig } from '../../src/app/config.ts';
import { createCatalogues, type Catalogues } from '../../src/app/project/catalogues.ts';
import type { GantryEvent } from '../../src/app/events.ts';
import { createBudgets, type Budgets } from '../../src/budget/index.ts';
import { connectorRegistry } from '../../src/connectors/index.ts';
import {
  connectionId,
  GantryError,
  systemClock,
  systemRandom,
  type ConnectionId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { addOverlay, ensureStream, listConnections, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { connectedTenant, openProject, projectWith, type TestProject } from '../app/project-fixture.ts';
import { openerOf } from '../support/stores.ts';
import { until } from '../support/receiver.ts';

/** Alerts as a process puts them together, over its own manifests, budgets and vault. */
describe('alerts put together', () => {
  const open = openerOf('pglite');
  let db: Db;
  let project: TestProject;
  let parts: AlertParts;
  let budgets: Budgets;
  let catalogues: Catalogues;
  let tenant: TenantId;
  const failures: GantryEvent[] = [];

  beforeAll(async () => {
    db = await open();
    project = openProject(db);
    await project.revisions.apply({ files: projectWith(), author: 'ida', message: 'first' });
    tenant = await connectedTenant(db, 'acme');
    await db.tenantTx(tenant, async (tx) => {
      const [crm] = await listConnections(tx, tenant);
      if (crm === undefined) throw new Error('it was made');
      await ensureStream(tx, { tenant, connection: crm.id, object: 'Account', everyS: 3_600 });
    });
    await db.query(`update connection set state = 'working'`);
    await db.query(`update stream set due_at = now() + interval '1 hour', phase = 'current'`);
    const clock = systemClock;
    const random = systemRandom;
    catalogues = createCatalogues(db, project.manifests);
    budgets = createBudgets({ db, clock, random, onEvent: () => undefined });
    parts = createAlertParts({
      config: await readConfig({ GANTRY_MASTER_KEY: randomBytes(32).toString('base64') }, random),
      db,
      clock,
      random,
      budgets,
      revisions: project.revisions,
      manifests: project.manifests,
      catalogues,
      connectors: connectorRegistry({ clock, random }),
      vault: createVault({ masterKey: randomBytes(32), random }),
      emit: (event) => {
        if (event.kind === 'alert_look_failed') failures.push(event);
      },
    });
    parts.start();
  });
  afterAll(async () => {
    await parts.stop();
    await budgets.close();
  });

  const topics = async (): Promise<unknown[]> => {
    const list = await parts.alerts.list({ name: 'operator' }, { tenant: 'acme', resolved: false, limit: 9 });
    return list.map(({ topic }) => topic);
  };
  /** The first look is over, and the next one is minutes away. */
  const looked = (): Promise<void> =>
    until(async () => {
      const [row] = await db.query<{ rests: boolean }>(
        `select lease_by is null and due_at > now() + interval '1 minute' as rests from alert_turn where tenant = $1`,
        [tenant],
      );
      return row?.rests === true;
    });

  it('a run that went wrong is looked at at once, not with the next look', async () => {
    await looked();
    expect(failures).toEqual([]);
    const error = new GantryError('sync_deletions_held', { message: 'Held.' }).toBody();
    await db.query('update stream set last_error = $1::text::jsonb', [JSON.stringify(error)]);
    parts.hear({
      kind: 'sync_run_ended',
      tenant,
      stream: 1 as never,
      run: 'worker-1.1',
      object: 'Account',
      pages: 1,
      records: 0,
      ms: 1,
      error,
    });
    await until(async () => (await topics()).includes('sync.deletions_held'));
  });

  it('a provider that shows a user less than was worked out is told of at once, however soon that is put right', async () => {
    await looked();
    const [row] = await db.query<{ connection: ConnectionId }>('select id as connection from connection');
    const connection = row?.connection ?? connectionId(0);
    await db.query(
      `with l as (insert into principal_link (tenant, connection, principal, id, source_user, attributes, linked_by, linked_at)
         values ($1, $2, 'p', 1, 'u', '{}', 'test', now())),
       s as (insert into standing (tenant, connection, principal, state, grantees) values ($1, $2, 'p', 'fresh', '{}'))
       insert into object_standing (tenant, connection, principal, object, readable, sees_all, doubted_at)
       values ($1, $2, 'p', 'Account', true, false, now())`,
      [tenant, connection],
    );
    const of = { tenant, connection, object: 'Account', principal: 'p' };
    parts.hear({ kind: 'access_disagreement', ...of, extra: 1, missing: 0 });
    await until(async () => (await topics()).includes('access.disagreement'));
  });

  it('an overlay that does not fit closes the tenant, and people hear of it', async () => {
    const content = 'tenant: acme\nintegrations:\n  nothing: { objects: {} }\n';
    await db.tx((tx) => addOverlay(tx, { tenant, at: tx.now, author: 'ida', content }));
    // As every process does that hears of it.
    project.manifests.forget(tenant);
    catalogues.forget(tenant);
    parts.hear({
      kind: 'schema_changed',
      tenant,
      stream: 1 as never,
      object: 'Account',
      version: 2,
      fieldsAdded: [],
      fieldsRemoved: [],
    });
    await until(async () => (await topics()).includes('overlay.stale'));
    // What else is wrong was not forgotten over it.
    expect(await topics()).toContain('sync.deletions_held');
    expect(failures).toEqual([]);
  });
});
