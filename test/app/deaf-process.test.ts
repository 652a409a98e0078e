import { beforeAll, expect, it } from 'vitest';
import { createCatalogues, type Catalogues } from '../../src/app/project/catalogues.ts';
import { limits, systemClock, type TenantId } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { connectedTenant, openProject, projectWith, type TestProject } from './project-fixture.ts';

const by = { author: 'ida', message: '' };
const overlay = 'tenant: acme\nintegrations:\n  crm:\n    objects:\n      Account:\n        fields: { name: Name2 }\n';
const withCity = projectWith({ 'models/account.yaml': [['  crm_id: id\n', '  crm_id: id\n  city: string\n']] });

/** Counts what it is asked. */
function counted(db: Db): { readonly db: Db; readonly asked: () => number } {
  let asked = 0;
  const query: Db['query'] = (text, params) => {
    asked += 1;
    return db.query(text, params);
  };
  return { db: { ...db, query }, asked: () => asked };
}

describeEachStore('a process that hears nothing of what others apply', (open) => {
  let other: TestProject;
  let deaf: TestProject;
  let asked: () => number;
  let catalogues: Catalogues;
  let acme: TenantId;
  const toldLens: TenantId[] = [];
  let passedMs = 0;
  const later = (): void => {
    passedMs += limits.projectLookMs;
  };
  beforeAll(async () => {
    other = openProject(await open());
    acme = await connectedTenant(other.db, 'acme');
    const counting = counted(other.db);
    ({ asked } = counting);
    deaf = openProject(counting.db, { ...systemClock, monotonicMs: () => passedMs });
    catalogues = createCatalogues(counting.db, deaf.manifests, (tenant) => toldLens.push(tenant));
    await other.revisions.apply({ ...by, files: projectWith() });
  });
  const seen = async (): Promise<string | undefined> => (await deaf.manifests.of(acme))?.version;

  it('may not look in the middle of a transaction, and is told so each time, not only when a look is due', async () => {
    const ways: (() => Promise<unknown>)[] = [() => deaf.revisions.current(), () => deaf.manifests.of(acme)];
    for (const ask of ways) {
      expect(await ask()).not.toBeNull();
      await expect(other.db.tx(ask)).rejects.toThrow(/inside its own transaction/);
    }
  });

  it('has the new revision within a second, and asks once in a second whether there is one', async () => {
    expect(await seen()).toBe('1/0');
    const before = asked();
    const known = await deaf.manifests.of(acme);
    const catalogue = await catalogues.of(acme);
    expect(await Promise.all([seen(), seen(), deaf.manifests.of(acme)])).toEqual(['1/0', '1/0', known]);
    expect(asked()).toBe(before);
    later();
    expect(await Promise.all([deaf.manifests.of(acme), deaf.manifests.of(acme)])).toEqual([known, known]);
    expect(asked()).toBe(before + 2);
    // What is the same is not made again.
    expect(await deaf.manifests.of(acme)).toBe(known);
    expect(await catalogues.of(acme)).toBe(catalogue);
    await other.revisions.apply({ ...by, files: withCity });
    expect(await seen()).toBe('1/0');
    later();
    expect(await seen()).toBe('2/0');
    expect((await deaf.revisions.current())?.manifest.models.get('account')?.fields.has('city')).toBe(true);
    expect(toldLens).toEqual([]);
    expect(await catalogues.of(acme)).not.toBe(catalogue);
    expect(toldLens).toEqual([acme]);
  });

  it("has a tenant's new overlay within a second, and its end", async () => {
    const before = await catalogues.of(acme);
    await other.overlays.set({ tenant: 'acme', file: 'acme.yaml', author: 'ida', yaml: overlay });
    expect(await seen()).toBe('2/0');
    later();
    expect(await seen()).toBe('2/1');
    expect(await catalogues.of(acme)).not.toBe(before);
    await other.overlays.remove({ tenant: 'acme', author: 'ida' });
    later();
    expect(await seen()).toBe('2/2');
  });
});
