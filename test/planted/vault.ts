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
];
