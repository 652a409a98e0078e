import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { storeStatements, type Db } from '../../src/store/index.ts';
import { dataKeysSql } from '../../src/vault/index.ts';
import { openerOf } from '../support/stores.ts';

/*
 * The rules that let the same SQL run on PGlite, on one server and distributed
 * on `tenant` over many (design: stores).
 */
const statements = Object.entries({ ...storeStatements, dataKeysSql }).flatMap(([file, all]) =>
  Object.entries(all).map(([name, text]) => ({ name: `${file}.${name}`, text })),
);
const directoryTables = [
  'tenant',
  'api_key',
  'revision',
  'overlay',
  'setting',
  'oauth_state',
  'access_turn',
  'connection_chore',
  'connect_token',
  'event_line',
  'inbox_turn',
  'webhook_address',
  'webhook_registration',
  'write_turn',
  'budget',
  'lens_node',
  'tenant_due',
  'subscription_turn',
  'alert_turn',
  'approval_turn',
  'approval_link',
  'approval_delegation',
  'operator',
  'operator_cutoff',
  'operator_token',
  'agent_stop',
  'token_cutoff',
  'sign_in_link',
  'audit_turn',
  'global_switch',
  'oauth_item',
  'erasure_turn',
  'offboarding',
  'gantry_migration',
];
const tableUses = /\b(?:from|join|update|insert into|delete from)\s+([a-z_]+)(?!\w*\s*\()/g;

/** Parts that each stand for themselves: the bodies of CTEs and what follows them. */
function selects(text: string): string[] {
  return text.split(/\bas materialized \(|\bas \(|\bunion all\b|\blateral \(|\(\s*select/);
}

describe('every statement of store and vault', () => {
  let tenantTables: string[] = [];
  let db: Db;
  const open = openerOf('pglite');
  beforeAll(async () => {
    db = await open();
    const rows = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind = 'r' order by 1`,
    );
    tenantTables = rows.map(({ name }) => name).filter((name) => !directoryTables.includes(name));
  });

  it('is collected: no query text is written anywhere else', async () => {
    for (const folder of ['src/store', 'src/vault']) {
      for (const file of (await readdir(folder)).filter((name) => name.endsWith('.ts'))) {
        const source = await readFile(`${folder}/${file}`, 'utf8');
        const calls = [...source.matchAll(/(?:tx|db)\.query(?:<(?:[^<>]|<[^<>]*>)*>)?\(\s*([^\s,)]+)/g)].map(
          (match) => match[1],
        );
        for (const argument of calls) expect(`${file}: ${argument ?? ''}`).toMatch(/: (?:\w+Sql\.\w+|text)$/);
        if (!source.includes('Sql = {')) continue;
        const constant = /export const (\w+Sql) = \{/.exec(source)?.[1] ?? '';
        expect(Object.keys({ ...storeStatements, dataKeysSql })).toContain(constant);
      }
    }
  });

  it('names the tenant wherever it touches a tenant table', () => {
    const wrong: string[] = [];
    for (const { name, text } of statements) {
      for (const part of selects(text)) {
        for (const [, table] of part.matchAll(tableUses)) {
          if (table === undefined || !tenantTables.includes(table)) continue;
          const named =
            /\btenant = \$1\b/.test(part) || new RegExp(`insert into ${table} (?:as \\w+ )?\\(tenant,`).test(part);
          if (!named) wrong.push(`${name}: ${table}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(statements.length).toBeGreaterThan(50);
  });

  it('inserts the tenant first, from the first parameter', () => {
    for (const { name, text } of statements) {
      for (const [, table, first] of text.matchAll(
        /insert into (\w+)(?: as \w+)? \((?:tenant, [^)]*)\)\s+(?:values \(|select )(\$?\w+)/g,
      )) {
        expect(`${name} ${table} ${first}`).toBe(`${name} ${table} $1`);
      }
    }
  });

  it('calls nothing that differs between nodes when it resolves a conflict', () => {
    for (const { name, text } of statements) {
      const conflict = /on conflict[\s\S]*/.exec(text)?.[0] ?? '';
      expect(
        `${name} ${/\b(?:now|random|clock_timestamp|current_timestamp|gen_random_uuid)\b/.exec(conflict)?.[0] ?? 'ok'}`,
      ).toBe(`${name} ok`);
    }
  });

  it('has the tenant in every unique key of a tenant table', async () => {
    const keys = await db.query<{ table: string; key: string; columns: string[] }>(
      `select c.relname as table, i.relname as key,
         array(select a.attname::text from unnest(x.indkey) with ordinality k(num, place)
           join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num order by k.place) as columns
       from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
       join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and x.indisunique`,
    );
    const wrong = keys.filter(({ table, columns }) => tenantTables.includes(table) && columns[0] !== 'tenant');
    expect(wrong).toEqual([]);
    expect(new Set(keys.map(({ table }) => table))).toEqual(new Set([...tenantTables, ...directoryTables]));
  });

  it('is watched by row-level security on every tenant table, for the owner too', async () => {
    const rows = await db.query<{ name: string; on: boolean; forced: boolean; policies: number }>(
      `select c.relname as name, c.relrowsecurity as on, c.relforcerowsecurity as forced,
         (select count(*) from pg_policy p where p.polrelid = c.oid) as policies
       from pg_class c where c.relname = any($1) order by 1`,
      [tenantTables],
    );
    expect(rows).toEqual(tenantTables.map((name) => ({ name, on: true, forced: true, policies: 1 })));
    const [role] = await db.query(
      `select rolsuper, rolbypassrls, rolcanlogin,
         exists (select from pg_class where relowner = pg_roles.oid) as owns from pg_roles where rolname = 'gantry_app'`,
    );
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcanlogin: false, owns: false });
  });
});
