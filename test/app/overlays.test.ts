import { beforeAll, expect, it } from 'vitest';
import { createCatalogues } from '../../src/app/project/catalogues.ts';
import type { TenantId } from '../../src/kernel/index.ts';
import { addOverlay, ensureStream, listConnections, saveSchemaVersion, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { connectedTenant, openProject, projectWith, type TestProject } from './project-fixture.ts';

const overlay = (fields: string): string =>
  `tenant: acme\nintegrations:\n  crm:\n    objects:\n      Account:\n        fields: ${fields}\n`;
const by = { author: 'ida', message: '' };
const set = { tenant: 'acme', file: 'acme.yaml', author: 'ida' };

/** What the provider told of Account, as discovery keeps it. */
async function discovered(db: Db, tenant: TenantId): Promise<void> {
  const field = (name: string) => ({
    name,
    label: name,
    type: 'string' as const,
    nativeType: 'string',
    nullable: true,
    custom: false,
    writable: true,
  });
  await db.tenantTx(tenant, async (tx) => {
    const [connection] = await listConnections(tx, tenant);
    if (connection === undefined) throw new Error('the tenant is connected');
    const stream = await ensureStream(tx, { tenant, connection: connection.id, object: 'Account', everyS: 60 });
    const fields = ['Id', 'Name', 'Phone', 'Telefon__c'].map(field);
    const object = { name: 'Account', label: 'Account', custom: false, idField: 'Id', linkTemplate: null, fields };
    await saveSchemaVersion(tx, { tenant, stream, object });
  });
}

describeEachStore('stored overlays', (open) => {
  let project: TestProject;
  let acme: TenantId;
  let globex: TenantId;
  beforeAll(async () => {
    project = openProject(await open());
    acme = await connectedTenant(project.db, 'acme');
    globex = await connectedTenant(project.db, 'globex');
    await discovered(project.db, acme);
  });

  it('need a project to lie over, and a tenant', async () => {
    const { overlays, revisions } = project;
    await expect(overlays.set({ ...set, yaml: overlay('{ name: Name2 }') })).rejects.toMatchObject({
      code: 'not_found',
    });
    await revisions.apply({ ...by, files: projectWith() });
    await expect(overlays.set({ ...set, tenant: 'acmee', yaml: 'tenant: acmee' })).rejects.toMatchObject({
      code: 'not_found',
      details: { suggestions: ['acme'] },
    });
    expect(await overlays.show('acme')).toBeNull();
  });

  it('are refused with every mistake and its place, and nothing is kept', async () => {
    const { overlays, changed } = project;
    const yaml = overlay('{ nmae: Name, phone: null }') + 'limits: { helpr: { rows_max: 1 } }\n';
    await expect(overlays.set({ ...set, yaml })).rejects.toMatchObject({
      code: 'manifest_invalid',
      details: {
        where: 'acme.yaml:6:19',
        data: { problems: [{ code: 'manifest_field_unknown' }, { code: 'manifest_agent_unknown', line: 7 }] },
      },
    });
    expect(await overlays.versions('acme', 10)).toEqual([]);
    expect(changed).toEqual([]);
  });

  it('ask for live in a way that the provider has, and one that was accepted before closes nobody', async () => {
    const { db, overlays, manifests } = project;
    const yaml = 'tenant: acme\nintegrations:\n  crm:\n    objects:\n      Account:\n        sync: { live: webhook }\n';
    await expect(overlays.set({ ...set, yaml })).rejects.toMatchObject({
      details: { data: { problems: [{ code: 'manifest_live_unsupported', suggestions: ['stream'] }] } },
    });
    await db.tx((tx) => addOverlay(tx, { tenant: acme, at: tx.now, author: 'an earlier version', content: yaml }));
    const account = (await manifests.of(acme))?.manifest.integrations.get('crm')?.objects.get('Account');
    expect(account?.sync.live).toBe('webhook');
    await overlays.remove({ tenant: 'acme', author: 'ida' });
  });

  it('change the manifest of their tenant only, at once, as numbered versions', async () => {
    const { overlays, manifests, changed } = project;
    changed.length = 0;
    const nameAt = async (tenant: TenantId) =>
      (await manifests.of(tenant))?.manifest.integrations.get('crm')?.objects.get('Account')?.fields.get('name')?.from;
    expect(await nameAt(acme)).toEqual({ kind: 'name', name: 'Name' });
    expect(await overlays.set({ ...set, yaml: overlay('{ name: Name2 }') })).toEqual({
      version: 3,
      changed: true,
      notes: [],
    });
    expect(await nameAt(acme)).toEqual({ kind: 'name', name: 'Name2' });
    expect(await nameAt(globex)).toEqual({ kind: 'name', name: 'Name' });
    expect(await overlays.set({ ...set, yaml: overlay('{ name: Name2 }') })).toEqual({
      version: 3,
      changed: false,
      notes: [],
    });
    expect(await overlays.set({ ...set, yaml: overlay('{ name: Name3 }') })).toEqual({
      version: 4,
      changed: true,
      notes: [],
    });
    expect(changed).toEqual([acme, acme]);
    expect(await overlays.show('acme')).toMatchObject({ source: 'stored', version: 4, file: null, author: 'ida' });
    expect((await overlays.versions('acme', 10)).map(({ version, content }) => [version, content])).toEqual([
      [4, overlay('{ name: Name3 }')],
      [3, overlay('{ name: Name2 }')],
      [2, null],
      [1, expect.stringContaining('live: webhook')],
    ]);
  });

  it('keep native fields sensitive that the project keeps so', async () => {
    const { db, manifests, overlays } = project;
    const phone = async () => (await createCatalogues(db, manifests).of(acme)).objects.get('crm.Account')?.fields;
    await overlays.set({ ...set, yaml: overlay('{ phone: Telefon__c }') });
    const fields = await phone();
    expect(fields?.get('Telefon__c')?.sensitive).toBe(true);
    expect(fields?.get('Phone')?.sensitive).toBe(true);
    expect(fields?.get('Name')?.sensitive).toBe(false);
  });

  it('close their tenant, and no other, when an allowed change leaves them stale', async () => {
    const { overlays, revisions, manifests } = project;
    await overlays.set({ ...set, yaml: overlay('{ phone: Telefon__c }') });
    const files = projectWith({
      'models/account.yaml': [['  phone: { type: string, sensitive: true }\n', '']],
      'integrations/crm.yaml': [['      phone: Phone\n', '']],
    });
    const plan = await revisions.plan(files);
    expect(plan.breaks.map(({ name }) => name)).toEqual(['field account.phone', 'overlay acme']);
    expect(plan.tenants.map(({ tenant, overlay: source }) => [tenant, source])).toEqual([
      ['acme', 'stored'],
      ['globex', null],
    ]);
    const allowed = ['field account.phone'];
    await expect(revisions.apply({ ...by, files, allowBreaking: allowed })).rejects.toMatchObject({
      code: 'manifest_change_breaks',
      details: { data: { breaks: [{ name: 'overlay acme' }] } },
    });
    await revisions.apply({ ...by, files, allowBreaking: [...allowed, 'overlay acme'] });
    await expect(manifests.of(acme)).rejects.toMatchObject({ code: 'overlay_stale' });
    expect((await manifests.of(globex))?.manifest.models.get('account')?.fields.has('phone')).toBe(false);
    await overlays.set({ ...set, yaml: overlay('{ name: Name2 }') });
    expect((await manifests.of(acme))?.manifest.models.get('account')?.fields.has('phone')).toBe(false);
  });

  it('and one in the project exclude each other', async () => {
    const { overlays, revisions, manifests } = project;
    const files = projectWith({
      'models/account.yaml': [['  phone: { type: string, sensitive: true }\n', '']],
      'integrations/crm.yaml': [['      phone: Phone\n', '']],
    });
    files.set('tenants/a.yaml', overlay('{ name: FromProject }'));
    await expect(revisions.apply({ ...by, files })).rejects.toMatchObject({
      code: 'overlay_in_project',
      details: { where: 'tenants/a.yaml:1' },
    });
    expect(await overlays.remove({ tenant: 'acme', author: 'ida' })).toMatchObject({ changed: true });
    expect(await overlays.remove({ tenant: 'acme', author: 'ida' })).toMatchObject({ changed: false });
    await revisions.apply({ ...by, files });
    expect(await overlays.show('acme')).toMatchObject({
      source: 'project',
      file: 'tenants/a.yaml',
      yaml: overlay('{ name: FromProject }'),
    });
    await expect(overlays.set({ ...set, yaml: overlay('{ name: Name2 }') })).rejects.toMatchObject({
      code: 'overlay_in_project',
    });
    const own = (await manifests.of(acme))?.manifest.integrations.get('crm')?.objects.get('Account');
    expect(own?.fields.get('name')?.from).toEqual({ kind: 'name', name: 'FromProject' });
  });
});
