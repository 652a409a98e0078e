import { isJsonObject, type Json } from '../../src/kernel/index.ts';
import type { Draw } from './draw.ts';
import { listAll } from './doors.ts';
import type { ParityStage } from './stage.ts';

/** A native object as the agent for itself finds it: some of its columns, all of its records; or a model. */
export interface Table {
  readonly object: string;
  /** As questions name it, and as SQL does. */
  readonly name: string;
  readonly sql: string;
  readonly columns: readonly Column[];
  /** By id; values in the order of the columns. */
  readonly rows: ReadonlyMap<string, readonly Json[]>;
}

export interface Column {
  readonly name: string;
  readonly kind: 'text' | 'date' | 'number' | 'boolean';
}

const kinds: Readonly<Record<string, Column['kind']>> = {
  id: 'text',
  string: 'text',
  enum: 'text',
  reference: 'text',
  date: 'date',
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
  decimal: 'number',
};

const COLUMNS = 14;

/** Columns that questions are made of: some by chance, and those that joins and marks need. */
export async function tablesOf(stage: ParityStage, draw: Draw): Promise<ReadonlyMap<string, Table>> {
  const { system, ask } = stage;
  const tables = new Map<string, Table>();
  for (const object of system.objects) {
    const { body } = await ask(null, 'describe', { names: [`${system.integration}.${object}`], detail: 'full' });
    const [told] = Array.isArray(body['objects']) ? (body['objects'] as readonly Json[]) : [];
    const fields =
      isJsonObject(told ?? null) && Array.isArray((told as { fields?: Json }).fields)
        ? (told as { fields: Json[] }).fields
        : [];
    const columns = fields.flatMap((field): Column[] => {
      if (!isJsonObject(field)) return [];
      const kind = kinds[String(field['type'])];
      return kind === undefined ? [] : [{ name: String(field['name']), kind }];
    });
    const needed = [
      system.marked[object],
      ...system.joins.filter(({ from }) => from === object).map(({ field }) => field),
      system.idField,
    ];
    const usable = columns.filter(({ name }) => system.isCompared(name));
    const first = usable.filter(({ name }) => needed.includes(name));
    const rest = usable.filter(({ name }) => !needed.includes(name));
    const wide = [...first, ...draw.some(rest, 45)];
    const { rows } = await listAll(ask, null, {
      integration: system.integration,
      object,
      fields: wide.map(({ name }) => name),
    });
    // A column that is empty everywhere answers nothing.
    const filled = wide
      .map((column, at) => ({ column, at }))
      .filter(({ column, at }) => needed.includes(column.name) || [...rows.values()].some((row) => row[at] !== null));
    const taken = filled.slice(0, COLUMNS);
    tables.set(object, {
      object,
      name: `${system.integration}.${object}`,
      sql: `"${system.integration}"."${object}"`,
      columns: taken.map(({ column }) => column),
      rows: new Map([...rows].map(([id, row]) => [id, taken.map(({ at }) => row[at] ?? null)])),
    });
  }
  return tables;
}

/** What the person is shown of a table; a column that is hidden is not there. */
export interface Shown {
  readonly table: Table;
  readonly readable: boolean;
  readonly ids: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

export const valueIn = ({ columns }: Table, row: readonly Json[], name: string): Json =>
  row[columns.findIndex((column) => column.name === name)] ?? null;

export const rowsOf = ({ table, ids }: Shown): (readonly [string, readonly Json[]])[] =>
  [...table.rows].filter(([id]) => ids.has(id));
