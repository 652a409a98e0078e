import type { PlantedDefect } from './types.ts';

export const vaultDefects: PlantedDefect[] = [
  {
    name: 'a sealed secret opens on another connection',
    file: 'src/vault/vault.ts',
    find: "JSON.stringify(['secret', tenant, connection, purpose])",
    replace: "JSON.stringify(['secret', tenant, connection === null, purpose])",
    suite: 'test/vault/vault.test.ts',
  },
  {
    name: 'a new data key is not the one that is stored when two come first at once',
    file: 'src/vault/data-keys.ts',
    find: 'values ($1, $2, $3, $4) on conflict (tenant, id) do nothing',
    replace: 'values ($1, $2, $3, $4) on conflict (tenant, id) do update set wrapped = excluded.wrapped',
    suite: 'test/vault/vault.test.ts',
  },
  {
    name: 'exchanging the master key leaves the data keys under the old one',
    file: 'src/vault/data-keys.ts',
    find: 'if (isCurrent(row)) continue;',
    replace: 'if (isCurrent(row) || row.id > 0) continue;',
    suite: 'test/vault/rotation.test.ts',
  },
  {
    name: 'what is sealed stays under the old data key',
    file: 'src/app/connections/vault-use-cases.ts',
    find: 'const done = await resealCredentials({ db, vault }, tenant);',
    replace: 'const done = { resealed: 0, unreadable: 0 };',
    suite: 'test/vault/rotation.test.ts',
  },
];
