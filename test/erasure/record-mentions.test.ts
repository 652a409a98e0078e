import { beforeAll, expect, it } from 'vitest';
import { isJsonObject, type Json, type TenantId } from '../../src/kernel/index.ts';
import { auditErasuresSql } from '../../src/store/erase-places.ts';
import { addConnection, addTenant, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

const STREAM = 7;
const long = '003LONGENOUGH';
const odd = 'a"b\\c';

/** Each said by an entry, and which of the records below it names. */
const said: readonly (readonly [Json, readonly string[]])[] = [
  [{ ids: ['crm/Contact/x5'] }, ['x5']],
  [{ ids: ['crm/Contact/x55', 'xcrm/Contact/x5'], limit: 5, name: 'x5' }, []],
  [{ input: JSON.stringify({ id: 'crm/Contact/x5' }) }, ['x5']],
  [{ input: `{"id":"crm/Contact/x5","fields":["Na…` }, ['x5']],
  [{ sql: `select 1 where "Id" = '${long}'` }, [long]],
  [{ id: `crm/Account/${long}`, other: 'crm/Contact/x5' }, [long, 'x5']],
  [{ id: `crm/Contact/${odd}` }, [odd]],
  [{ id: odd }, []],
  [{ id: 'gone/Contact/x5' }, ['x5']],
];

describeEachStore('entries that name a record', (open) => {
  let db: Db;
  let tenant: TenantId;
  beforeAll(async () => {
    db = await open();
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const connection = await db.tenantTx(tenant, (tx) =>
      addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'one', state: 'working' }),
    );
    await db.query(
      `insert into stream (tenant, id, connection, object, every_s, due_at) values ($1, $2, $3, 'Contact', 60, now())`,
      [tenant, STREAM, connection],
    );
    await db.query(
      `insert into deleted_connection (tenant, id, slug, integration, provider, streams, objects, created_at, deleted_at,
         deleted_by, removed)
       values ($1, 99, 'gone', 'gone', 'one', array[$2::int], array['Contact'], now(), now(), 'test', '{}')`,
      [tenant, STREAM],
    );
    for (const [at, [detail]] of said.entries()) {
      await db.query(
        `insert into audit_payload (tenant, seq, at, kind, salt, body) values ($1, $2, now(), 'tool_called', '', $3)`,
        [tenant, at + 1, JSON.stringify({ detail })],
      );
    }
  });

  const params = (ids: readonly string[]) => [tenant, JSON.stringify(ids.map((id) => [STREAM, id])), 0, 100] as const;
  const found = async (...ids: string[]): Promise<number[]> => {
    const rows = await db.query<{ seq: number }>(auditErasuresSql.audit_record_mentions, params(ids));
    return rows.map(({ seq }) => seq);
  };

  it('are found by its name as a text, or by its id alone where that is nothing else by chance', async () => {
    for (const ids of [['x5'], [long], [odd], ['x5', long, odd], ['nobody', '003LONGENOUGHER']]) {
      const naming = said.flatMap(([, named], at) => (named.some((id) => ids.includes(id)) ? [at + 1] : []));
      expect(await found(...ids)).toEqual(naming);
    }
  });

  it('are looked at without working out anew for each what is looked for', async () => {
    const [row] = await db.query<{ 'QUERY PLAN': Json }>(
      `explain (format json, verbose) ${auditErasuresSql.audit_record_mentions}`,
      params(['x5', long]),
    );
    const each = textsPerEntry(row?.['QUERY PLAN'] ?? null).join('\n');
    expect(each).toContain('audit_payload');
    expect(each).toMatch(/position/i);
    expect(each).not.toMatch(/to_json|jsonb_array_elements/);
  });
});

/** What a plan of the database does beside what it does once. */
function textsPerEntry(plan: Json): string[] {
  if (Array.isArray(plan)) return plan.flatMap(textsPerEntry);
  if (!isJsonObject(plan)) return [JSON.stringify(plan)];
  if (plan['Parent Relationship'] === 'InitPlan') return [];
  return Object.values(plan).flatMap((value) => textsPerEntry(value ?? null));
}
