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
];
