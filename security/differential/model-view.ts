import type { Json } from '../../src/kernel/index.ts';
import type { Held } from './at-rest.ts';
import { listAll } from './doors.ts';
import type { Mapped, Model, ModelPart } from './models.ts';
import type { ParityStage } from './stage.ts';
import type { Sight } from './system.ts';
import type { Shown, Table } from './tables.ts';

/** Values of native records: by integration and object, then by id, then by field. */
export type Natives = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Json>>>;

/** What somebody is shown of an object. */
export type Sees = (integration: string, object: string) => Sight;

const nameOf = (integration: string, object: string): string => `${integration}.${object}`;

/** All that these models are made of, as the agent for itself finds it. */
export async function nativesOf(stages: readonly ParityStage[], models: readonly Model[]): Promise<Natives> {
  const wanted = new Map<string, Set<string>>();
  const want = (name: string, fields: readonly string[]): void => {
    wanted.set(name, new Set([...(wanted.get(name) ?? []), ...fields]));
  };
  for (const { integration, object, fields, where } of models.flatMap(({ parts }) => parts)) {
    want(nameOf(integration, object), where?.from ?? []);
    for (const { from, lookup } of Object.values(fields)) {
      want(nameOf(integration, object), from);
      if (lookup !== undefined) want(nameOf(integration, lookup.object), [lookup.take]);
    }
  }
  const natives = new Map<string, ReadonlyMap<string, ReadonlyMap<string, Json>>>();
  for (const { system, ask } of stages) {
    for (const object of system.objects) {
      const fields = [...(wanted.get(nameOf(system.integration, object)) ?? [])];
      if (fields.length === 0) continue;
      const { error, rows } = await listAll(ask, null, { integration: system.integration, object, fields });
      if (error !== null) throw new Error(`the agent for itself cannot list ${object}: ${error}`);
      const values = [...rows].map(([id, row]) => {
        return [id, new Map(fields.map((field, at) => [field, row[at] ?? null]))] as const;
      });
      natives.set(nameOf(system.integration, object), new Map(values));
    }
  }
  return natives;
}

/** Somebody who is shown everything. */
export const seesAll =
  (held: ReadonlyMap<string, ReadonlyMap<string, Held>>): Sees =>
  (integration, object) => {
    const found = held.get(integration)?.get(object);
    return { readable: found !== undefined, ids: found?.ids ?? new Set(), fields: found?.fields ?? new Set() };
  };

/** The model, as it follows from what somebody is shown. */
export function viewOf(model: Model, natives: Natives, sees: Sees): Shown {
  const merged = new Map<string, Json[]>();
  const fields = new Set<string>();
  let isReadable = false;
  for (const part of model.parts) {
    const sight = sees(part.integration, part.object);
    if (!sight.readable) continue;
    isReadable = true;
    for (const [name, mapped] of Object.entries(part.fields)) if (tells(part, mapped, sees)) fields.add(name);
    for (const [id, values] of natives.get(nameOf(part.integration, part.object)) ?? []) {
      if (!sight.ids.has(id) || part.where?.holds(valuesAt(values, part.where.from)) === false) continue;
      const key = keyOf(model, part, id, values);
      const row = model.columns.map(({ name }): Json => {
        const mapped = part.fields[name];
        return mapped !== undefined && tells(part, mapped, sees) ? valueOf(part, mapped, values, natives, sees) : null;
      });
      const before = merged.get(key);
      merged.set(key, before === undefined ? row : before.map((value, at) => value ?? row[at] ?? null));
    }
  }
  const table: Table = {
    object: model.name,
    name: model.name,
    sql: `"${model.name}"`,
    columns: model.columns,
    rows: merged,
  };
  return { table, readable: isReadable, ids: new Set(merged.keys()), fields };
}

/** Which records are the same thing is decided by what is true, not by what is shown. */
function keyOf(model: Model, part: ModelPart, id: string, values: ReadonlyMap<string, Json>): string {
  const mapped = model.key === null ? undefined : part.fields[model.key];
  const key = mapped?.value(valuesAt(values, mapped.from)) ?? null;
  return key === null ? `${part.integration}/${part.object}/${id}` : `= ${JSON.stringify(key)}`;
}

function tells({ integration, object }: ModelPart, { from, lookup }: Mapped, sees: Sees): boolean {
  const { fields } = sees(integration, object);
  if (!from.every((name) => fields.has(name))) return false;
  if (lookup === undefined) return true;
  const there = sees(integration, lookup.object);
  return there.readable && there.fields.has(lookup.take);
}

function valueOf(
  { integration }: ModelPart,
  { from, value, lookup }: Mapped,
  values: ReadonlyMap<string, Json>,
  natives: Natives,
  sees: Sees,
): Json {
  const own = value(valuesAt(values, from));
  if (lookup === undefined || own === null) return own;
  const id = String(own);
  if (!sees(integration, lookup.object).ids.has(id)) return null;
  const taken = natives.get(nameOf(integration, lookup.object))?.get(id)?.get(lookup.take) ?? null;
  return lookup.value(taken);
}

const valuesAt = (values: ReadonlyMap<string, Json>, names: readonly string[]): Json[] =>
  names.map((name) => values.get(name) ?? null);
