import { beforeAll, describe, expect, it } from 'vitest';
import {
  countPlace,
  eraseAuditPlace,
  erasePlace,
  erasurePlaces,
  isAuditPlace,
  isWaitingPlace,
  tablesWithoutPeople,
  tenantDirectories,
  tenantTables,
  type Db,
} from '../../src/store/index.ts';
import { streamId, tenantId } from '../../src/kernel/index.ts';
import { openerOf } from '../support/stores.ts';

/** Tables that outlive their tenant, and say so. */
const OUTLIVE = ['offboarding'];

describe('places of personal data', () => {
  const open = openerOf('pglite');
  let db: Db;
  let withTenant: string[];
  let forced: Set<string>;

  beforeAll(async () => {
    db = await open();
    const rows = await db.query<{ name: string; forced: boolean }>(
      `select c.relname as name, c.relforcerowsecurity as forced from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind = 'r'
         and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and a.attnum > 0)
       order by 1`,
    );
    withTenant = rows.map(({ name }) => name);
    forced = new Set(rows.filter((row) => row.forced).map(({ name }) => name));
  }, 300_000);

  it('are every table that has a tenant, but for those that are written down to hold nothing about people', () => {
    const places = new Set(erasurePlaces.flatMap(({ tables }) => tables));
    const named = new Set([...places, ...Object.keys(tablesWithoutPeople)]);
    expect(withTenant.filter((table) => !named.has(table))).toEqual([]);
    expect([...named].filter((table) => !withTenant.includes(table))).toEqual([]);
    expect(Object.keys(tablesWithoutPeople).filter((table) => places.has(table))).toEqual([]);
  });

  it('are emptied when the tenant leaves, each in the transaction that may change it', () => {
    const emptied: string[] = [...tenantTables, ...tenantDirectories];
    expect(withTenant.filter((table) => !emptied.includes(table) && !OUTLIVE.includes(table))).toEqual([]);
    expect(emptied.filter((table) => !withTenant.includes(table))).toEqual([]);
    expect(tenantTables.filter((table) => !forced.has(table))).toEqual([]);
    expect(tenantDirectories.filter((table) => forced.has(table))).toEqual([]);
  });

  it('are each counted and erased by a statement that the database takes', async () => {
    const subject = {
      tenant: tenantId(77),
      records: [{ stream: streamId(1), id: "it's" }],
      principals: ['ada'],
      texts: ['ada@example.com'],
    };
    for (const place of erasurePlaces) {
      const each = async (): Promise<readonly [number, number]> => {
        const work = async (tx: Parameters<typeof countPlace>[0]) => {
          const erased = isAuditPlace(place)
            ? (await eraseAuditPlace(tx, place, subject, { after: 0, limit: 10 })).emptied.length
            : isWaitingPlace(place)
              ? 0
              : await erasePlace(tx, place, subject);
          return [await countPlace(tx, place, subject), erased] as const;
        };
        return place.scope === 'tenant' ? db.tenantTx(subject.tenant, work) : db.tx(work);
      };
      expect([place.name, ...(await each())]).toEqual([place.name, 0, 0]);
    }
  });
});
