import { beforeAll, describe, expect, it } from 'vitest';
import { migrate, readMigrations, type Db, type Migration } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { schemaBreaks, schemaFacts, type SchemaFacts } from './schema-breaks.ts';

/** Old and new programs work on one database while an upgrade rolls: docs/operating.md, "Upgrade". */
describe('every step of the schema', () => {
  const open = openerOf('pglite');
  let db: Db;
  let own: Migration[];
  const facts = (): Promise<SchemaFacts> => db.tx((tx) => schemaFacts(tx));

  beforeAll(async () => {
    db = await open({ migrated: false });
    own = await readMigrations();
    await migrate(db, own.slice(0, 1));
  });

  it('only adds, unless it says since which step nobody uses what it takes away', async () => {
    let before = await facts();
    expect(before.kept.size).toBeGreaterThan(100);
    for (const [at, { name, text }] of own.entries()) {
      if (at === 0) continue;
      await migrate(db, own.slice(0, at + 1));
      const after = await facts();
      if (!text.startsWith('-- needs '))
        expect({ name, breaks: schemaBreaks(before, after) }).toEqual({ name, breaks: [] });
      before = after;
    }
  });

  it.each([
    ['alter table stream drop column expected_records', /^gone: column stream.expected_records bigint$/],
    ['alter table stream rename column phase to stage', /^gone: column stream.phase text not null$/],
    ['alter table stream alter column every_s type bigint', /^gone: column stream.every_s integer not null$/],
    ['alter table stream alter column cursor set not null', /^gone: column stream.cursor jsonb$/],
    ['alter table stream alter column phase drop default', /^gone: column stream.phase has a value of its own$/],
    ['alter table stream add column extra text not null', /^new: column stream.extra has to be given$/],
    ['alter table stream add check (every_s > 5)', /^new: constraint on stream: CHECK/],
    ['create unique index on stream (tenant, due_at)', /^new: CREATE UNIQUE INDEX/],
    ['alter table stream drop constraint stream_tenant_connection_object_key', /^gone: CREATE UNIQUE INDEX/],
    ['drop table quarantine', /^gone: table quarantine$/],
    ['alter table quarantine rename to set_aside', /^gone: table quarantine$/],
    ['revoke update on record from gantry_app', /^gone: gantry_app may update record$/],
    ['alter policy own_tenant on record using (false)', /^gone: policy on record/],
  ])('would be refused with: %s', async (text, reason) => {
    const before = await facts();
    const undone = new Error('undone');
    let breaks: string[] = [];
    const trying = db.tx(async (tx) => {
      await tx.query(text);
      breaks = schemaBreaks(before, await schemaFacts(tx));
      throw undone;
    });
    await expect(trying).rejects.toBe(undone);
    expect(breaks).toContainEqual(expect.stringMatching(reason));
  });

  it.each([
    'alter table stream add column extra text',
    "alter table stream add column extra text not null default ''",
    'create table extra (tenant int primary key, must text not null check (length(must) > 2))',
    'create index on stream (tenant, object)',
  ])('may do: %s', async (text) => {
    const before = await facts();
    const undone = new Error('undone');
    const trying = db.tx(async (tx) => {
      await tx.query(text);
      expect(schemaBreaks(before, await schemaFacts(tx))).toEqual([]);
      throw undone;
    });
    await expect(trying).rejects.toBe(undone);
  });
});
