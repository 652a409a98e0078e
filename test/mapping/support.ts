import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { connectionId, streamId } from '../../src/kernel/index.ts';
import type { Catalogue, TenantStream } from '../../src/mapping/index.ts';
import { quoteName } from '../../src/mapping/index.ts';
import type { FieldType, NativeField, NativeObject } from '../../src/schema/index.ts';

export async function openDuck(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(':memory:')).connect();
}

export function field(name: string, type: FieldType, more: Partial<NativeField> = {}): NativeField {
  return { name, label: name, type, nativeType: type, nullable: true, custom: false, writable: true, ...more };
}

export const picklist = (...values: string[]): Pick<NativeField, 'values'> => ({
  values: values.map((value) => ({ value, label: value, active: true })),
});

export function object(name: string, fields: readonly NativeField[], more: Partial<NativeObject> = {}): NativeObject {
  return { name, label: name, custom: false, idField: 'Id', linkTemplate: null, fields, ...more };
}

let streams = 0;
export function stream(slug: string, native: NativeObject, more: Partial<TenantStream> = {}): TenantStream {
  streams += 1;
  return {
    stream: streamId(streams),
    connection: connectionId([...slug].reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) % 10_000),
    connectionSlug: slug,
    integration: slug,
    provider: 'salesforce',
    object: native,
    schemaVersion: 1,
    ...more,
  };
}

/** Makes the tables and views of a layout on a real DuckDB, with these records in them. */
export async function build(
  duck: DuckDBConnection,
  catalogue: Catalogue,
  records: { readonly [object: string]: readonly ({ readonly _id: string } & JsonObject)[] },
): Promise<void> {
  await duck.run('create schema if not exists "model"');
  for (const table of catalogue.layout.tables) {
    const name = `${quoteName(table.schema)}.${quoteName(table.name)}`;
    await duck.run(`create schema if not exists ${quoteName(table.schema)}`);
    const columns = table.columns.map((column) => `${quoteName(column.name)} ${column.duckType}`);
    await duck.run(`create table ${name} (_stream integer, _id varchar, _at timestamp${['', ...columns].join(', ')})`);
    for (const record of records[`${table.schema}.${table.name}`] ?? []) {
      const values = table.columns.map((column, index) => castParameter(column.duckType, index + 3));
      await duck.run(`insert into ${name} values ($1, $2, null${['', ...values].join(', ')})`, [
        table.stream,
        record._id,
        ...table.columns.map((column) => asParameter(record[column.key] ?? null)),
      ]);
    }
  }
  for (const { schema, create, feeds, remake } of catalogue.layout.derived ?? []) {
    await duck.run(`create schema if not exists ${quoteName(schema)}`);
    for (const statement of [...create, ...feeds.map((feed) => feed.fill), ...remake]) await duck.run(statement);
  }
  for (const view of catalogue.layout.views) {
    await duck.run(`create view ${quoteName(view.schema)}.${quoteName(view.name)} as ${view.select}`);
  }
}

export function castParameter(duckType: string, index: number): string {
  if (duckType === 'VARCHAR') return `$${index}::varchar`;
  if (duckType === 'VARCHAR[]') return `from_json($${index}::varchar::json, '["VARCHAR"]')`;
  if (duckType === 'TIMESTAMP') return `cast(replace($${index}::varchar, 'Z', '') as timestamp)`;
  return `cast($${index}::varchar as ${duckType})`;
}

export function asParameter(value: Json): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export async function rows(duck: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const result = await duck.runAndReadAll(sql);
  return result.getRowObjectsJson();
}
