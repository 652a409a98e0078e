import { isStored, isX2many, type FieldDef } from '../schema/field.ts';
import { hasAccess, modelOf, seesField, type Env } from './env.ts';

type Description = Readonly<Record<string, unknown>>;

/**
 * What fields the user sees, as `fields_get` describes them. Who may neither
 * write nor create finds all of them read-only.
 */
export function fieldsGet(
  env: Env,
  model: string,
  allfields: readonly string[] | null,
  attributes: readonly string[] | null,
): Readonly<Record<string, Description>> {
  modelOf(env, model);
  const writable = hasAccess(env, model, 'write') || hasAccess(env, model, 'create');
  const wanted = env.org.registry
    .fields(model)
    .filter((field) => allfields === null || allfields.length === 0 || allfields.includes(field.name))
    .filter((field) => seesField(env, field.groups));
  return Object.fromEntries(
    wanted.map((field) => {
      const description = describe(env, field, writable);
      const picked =
        attributes === null || attributes.length === 0
          ? description
          : Object.fromEntries(Object.entries(description).filter(([name]) => attributes.includes(name)));
      return [field.name, picked];
    }),
  );
}

function describe(env: Env, field: FieldDef, writable: boolean): Description {
  const stored = isStored(field);
  const { version } = env.org;
  return {
    type: field.type,
    change_default: false,
    company_dependent: field.companyDependent === true,
    depends: [],
    ...(version >= 17 ? { exportable: true, groupable: stored && !isX2many(field) } : {}),
    manual: field.manual === true,
    name: field.name,
    readonly: field.readonly === true || !writable,
    required: field.required === true,
    searchable: stored || field.related !== undefined || field.name === 'display_name',
    sortable: stored && !isX2many(field),
    store: stored,
    string: field.string,
    ...(field.help === undefined ? {} : { help: field.help }),
    ...(field.related === undefined ? {} : { related: version >= 17 ? field.related : field.related.split('.') }),
    ...(field.selection === undefined ? {} : { selection: field.selection }),
    ...(field.relation === undefined ? {} : { relation: field.relation, domain: [], context: {} }),
    ...(field.relationField === undefined ? {} : { relation_field: field.relationField }),
    ...(field.currencyField === undefined ? {} : { currency_field: field.currencyField }),
    ...(field.digits === undefined ? {} : { digits: field.digits }),
    ...(['char', 'text', 'html'].includes(field.type) ? { translate: field.translate === true } : {}),
    ...(field.type === 'char' ? { trim: true, ...(field.size === undefined ? {} : { size: field.size }) } : {}),
    ...(field.groups === undefined ? {} : { groups: field.groups.join(',') }),
    ...aggregation(field, version),
  };
}

function aggregation(field: FieldDef, version: number): Description {
  if (!['integer', 'float', 'monetary'].includes(field.type) || !isStored(field)) return {};
  return { [version >= 19 ? 'aggregator' : 'group_operator']: 'sum' };
}
