import type { OdooVersion } from '../version.ts';
import { MAGIC_FIELDS, type FieldDef } from './field.ts';
import type { ModelDef } from './model.ts';

/** All models of a database with the fields that its release has. */
export interface Registry {
  get(model: string): ModelDef | undefined;
  /** Undefined where the model or the release lacks the field. */
  field(model: string, name: string): FieldDef | undefined;
  fields(model: string): readonly FieldDef[];
  /** In the order in which they came, which is that of their ids in ir.model. */
  modelNames(): readonly string[];
  modelId(model: string): number;
  /** Every field that ever was, in the order of ids in ir.model.fields. */
  fieldRows(): readonly { readonly model: string; readonly name: string }[];
  add(def: ModelDef): void;
  putField(model: string, field: FieldDef): void;
  removeField(model: string, name: string): void;
}

export function createRegistry(version: OdooVersion): Registry {
  const models = new Map<string, ModelDef>();
  const fields = new Map<string, Map<string, FieldDef>>();
  const names: string[] = [];
  const rows: { model: string; name: string }[] = [];
  const inRelease = (def: FieldDef): boolean => version >= (def.from ?? 0) && version <= (def.until ?? version);

  const putField = (model: string, field: FieldDef): void => {
    const own = fields.get(model);
    if (own === undefined) throw new Error(`no model ${model}`);
    if (!rows.some((row) => row.model === model && row.name === field.name)) rows.push({ model, name: field.name });
    own.set(field.name, field);
  };
  return {
    get: (model) => models.get(model),
    field: (model, name) => fields.get(model)?.get(name),
    fields: (model) => [...(fields.get(model)?.values() ?? [])],
    modelNames: () => names,
    modelId: (model) => names.indexOf(model) + 1,
    fieldRows: () => rows,
    add: (def) => {
      models.set(def.model, def);
      fields.set(def.model, new Map());
      names.push(def.model);
      for (const field of [...MAGIC_FIELDS, ...def.fields]) if (inRelease(field)) putField(def.model, field);
    },
    putField,
    removeField: (model, name) => {
      fields.get(model)?.delete(name);
    },
  };
}
