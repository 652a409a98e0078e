import type { PlantedDefect } from './types.ts';

export const storeDefects: PlantedDefect[] = [
  {
    name: 'a late page with an older version overwrites a newer one',
    file: 'src/store/ingest.ts',
    find: 'else e.src_at is null or excluded.src_at is null or excluded.src_at >= e.src_at end',
    replace: 'else true end',
    suite: 'test/store/ingest.test.ts',
  },
  {
    name: 'a stream is leased to a second worker while the first one has it',
    file: 'src/store/stream-leases.ts',
    find: ' and (lease_until is null or lease_until <= $2)',
    replace: '',
    suite: 'test/store/streams.test.ts',
  },
  {
    name: 'a dead lock is replaced without looking whether it is still the same one',
    file: 'src/store/directory-lock.ts',
    find: 'if ((await readOwner(path))?.nonce !== stale.nonce) return false;',
    replace: '',
    suite: 'test/store/embedded.test.ts',
  },
  {
    name: 'a statement on a tenant table forgets the tenant',
    file: 'src/store/streams.ts',
    find: 'from stream where tenant = $1 and connection = $2 order by id',
    replace: 'from stream where connection = $2 and $1::int is not null order by id',
    suite: 'test/store/sql-rules.test.ts',
  },
  {
    name: 'two processes migrate at once',
    file: 'src/store/migrate.ts',
    find: '  await tx.query(migrateSql.lock);\n',
    replace: '',
    suite: 'test/store/migrate.test.ts',
  },
  {
    name: 'the history does not know that a record was deleted',
    file: 'src/store/ingest.ts',
    find: "v.op = 'd', o.acl\n      from visible v join input i",
    replace: 'false, o.acl\n      from visible v join input i',
    suite: 'test/store/history.test.ts',
  },
  {
    name: 'changes go without a trace when they are old',
    file: 'src/store/history.ts',
    find: 'set floor = greatest(h.floor, top.seq)',
    replace: 'set floor = h.floor',
    suite: 'test/store/history.test.ts',
  },
  {
    name: 'a sync that is asked for during a run is forgotten',
    file: 'src/store/stream-leases.ts',
    find: 'due_at = case when due_at > claimed_at then due_at',
    replace: 'due_at = case when false then due_at',
    suite: 'test/store/streams.test.ts',
  },
  {
    name: 'the same content under a later time counts as unchanged',
    file: 'src/store/ingest.ts',
    find: 'e.hash = i.hash and (i.src_at > e.src_at) is not true',
    replace: 'e.hash = i.hash',
    suite: 'test/store/compare-first.test.ts',
  },
  {
    name: 'an embedded database whose log found no room is used again',
    file: 'src/store/pglite-life.ts',
    find: 'if (!isStuck(error)) return;',
    replace: 'if (isStuck(error) || !isStuck(error)) return;',
    suite: 'test/store/disk-full.test.ts',
  },
];
