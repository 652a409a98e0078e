import type { PlantedDefect } from './types.ts';

export const rehearsalDefects: PlantedDefect[] = [
  {
    name: 'a lens file is taken for one of this database by the number of its changes alone',
    file: 'src/store/changes.ts',
    find: ' && (afterSeq === 0 || state.known === true)',
    replace: '',
    suite: 'test/rehearsal/restore.test.ts',
  },
  {
    name: 'a lens file is read before anybody looked whether it is of this database',
    file: 'src/lens/tail.ts',
    find: 'if (state !== null && (await feed.changesSince(tenant, state, 1)).continues) know',
    replace: 'if (state !== null) know',
    suite: 'test/rehearsal/pruning.test.ts',
  },
  {
    name: 'pruning takes the change by which a lens recognises the database',
    file: 'src/store/history.ts',
    find: 'least((select seq from kept), (select seq from change_head where tenant = $1))',
    replace: 'coalesce((select seq from kept), 9223372036854775807)',
    suite: 'test/rehearsal/pruning.test.ts',
  },
  {
    name: 'a step of the schema takes a column from older programs',
    file: 'src/store/migrations/0005_lens_nodes.sql',
    find: 'alter table lens_lease enable row level security;',
    replace: 'alter table stream drop column expected_records; alter table lens_lease enable row level security;',
    suite: 'test/rehearsal/expand-only.test.ts',
  },
  {
    name: 'an older program starts on a database that no longer has what it uses',
    file: 'src/store/migrate.ts',
    find: 'row.id > known && row.needs <= known',
    replace: 'row.id > known',
    suite: 'test/store/migrate.test.ts',
  },
];
