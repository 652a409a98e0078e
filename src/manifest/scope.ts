import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import type { Integration, Model, ModelField } from './types.ts';

/** All names of a project while its parts are checked against each other. */
export interface Scope {
  readonly models: ReadonlyMap<string, Model>;
  readonly integrations: ReadonlyMap<string, Integration>;
  /** Names that were declared but are broken: what refers to them is not judged. `deal`, `deal.stage`, `crm`, `agent x`; `agents` and `saved queries` for all of them. */
  readonly broken: ReadonlySet<string>;
}

/** The model, or null after reporting that there is none. */
export function findModel(
  name: string,
  path: DocumentPath,
  scope: Scope,
  report: Reporter,
  at: 'key' | 'value' = 'value',
): Model | null {
  const model = scope.models.get(name);
  if (model !== undefined) return model;
  if (!scope.broken.has(name)) {
    report({
      code: 'manifest_model_unknown',
      path,
      at,
      message: `There is no model \`${name}\`.`,
      fix: `Correct the name, or add models/${name}.yaml.`,
      suggestions: suggest(name, scope.models.keys()),
    });
  }
  return null;
}

export function findField(
  model: Model,
  name: string,
  at: { readonly path: DocumentPath; readonly at?: 'key' | 'value' },
  scope: Scope,
  report: Reporter,
): ModelField | null {
  const field = model.fields.get(name);
  if (field !== undefined) return field;
  if (!scope.broken.has(`${model.name}.${name}`)) {
    report({
      code: 'manifest_field_unknown',
      ...at,
      message: `Model \`${model.name}\` has no field \`${name}\`.`,
      fix: `Correct the name, or add the field to ${model.at.file}.`,
      suggestions: suggest(name, model.fields.keys()),
    });
  }
  return null;
}
