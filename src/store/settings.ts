import type { Json } from '../kernel/index.ts';
import type { Directory } from './tenants.ts';

export const settingsSql = {
  read: 'select value from setting where name = $1',
  write:
    'insert into setting (name, value) values ($1, $2::text::jsonb) on conflict (name) do update set value = excluded.value',
} as const;

/** A value that is the same for all tenants and processes; null where it was never set. */
export async function readSetting(db: Directory, name: string): Promise<Json> {
  const [row] = await db.query<{ value: Json }>(settingsSql.read, [name]);
  return row?.value ?? null;
}

export async function writeSetting(db: Directory, name: string, value: Json): Promise<void> {
  await db.query(settingsSql.write, [name, JSON.stringify(value)]);
}
