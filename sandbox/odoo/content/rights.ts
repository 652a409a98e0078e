import { groupId } from '../security/groups.ts';
import { segment, type Segment } from '../rows/segment.ts';
import { field, many2many, many2one, related } from '../schema/build.ts';
import type { Raw } from '../schema/field.ts';
import { ACCESS, model, OPERATIONS, type ModelDef } from '../schema/model.ts';
import type { Registry } from '../schema/registry.ts';

/**
 * `ir.model.access` and `ir.rule` as the modules of the other models fill them
 * (odoo/addons/base/models/ir_model.py, ir_rule.py). Whoever has the rights of
 * the settings changes them by the API like any other record.
 */
export function rightsModels(registry: Registry, bornMs: number): readonly ModelDef[] {
  return [accessModel(registry, bornMs), ruleModel(registry, bornMs)];
}

const permissions = (initial: boolean) =>
  OPERATIONS.map((operation) =>
    field(`perm_${operation}`, 'boolean', `${operation[0]?.toUpperCase() ?? ''}${operation.slice(1)} Access`, {
      default: initial,
    }),
  );
const ofModel = [
  many2one('model_id', 'Model', 'ir.model', { required: true }),
  related(field('model_name', 'char', 'Model Name'), 'model_id.model'),
];
const isActive = field('active', 'boolean', 'Active', { default: true });

type Row = Readonly<Record<string, Raw>>;

const PERMISSIONS = OPERATIONS.map((operation) => `perm_${operation}`);

function accessModel(registry: Registry, bornMs: number): ModelDef {
  return model({
    model: 'ir.model.access',
    name: 'Model Access',
    order: 'model_id, group_id, name, id',
    access: ACCESS.system,
    fields: [
      field('name', 'char', 'Name', { required: true }),
      isActive,
      ...ofModel,
      many2one('group_id', 'Group', 'res.groups'),
      ...permissions(false),
    ],
    segments: [
      fixedRows(bornMs, ['name', 'active', 'model_id', 'group_id', ...PERMISSIONS], () =>
        registry.modelNames().flatMap((name) => {
          const def = registry.get(name);
          return def === undefined ? [] : accessRows(registry, def);
        }),
      ),
    ],
  });
}

/** One row for each group that may do something. */
export function accessRows(registry: Registry, def: Pick<ModelDef, 'model' | 'access'>): readonly Row[] {
  const groups = [...new Set(OPERATIONS.flatMap((operation) => def.access[operation]))];
  return groups.map((group) => ({
    name: `${def.model} ${group}`,
    active: true,
    model_id: registry.modelId(def.model),
    group_id: groupId(group),
    ...Object.fromEntries(OPERATIONS.map((operation) => [`perm_${operation}`, def.access[operation].includes(group)])),
  }));
}

function ruleModel(registry: Registry, bornMs: number): ModelDef {
  return model({
    model: 'ir.rule',
    name: 'Record Rule',
    order: 'model_id DESC,id',
    access: ACCESS.system,
    fields: [
      field('name', 'char', 'Name'),
      isActive,
      ...ofModel,
      many2many('groups', 'Groups', 'res.groups'),
      field('domain_force', 'text', 'Domain'),
      field('global', 'boolean', 'Global', {
        readonly: true,
        compute: (read) => (read('groups') as readonly number[]).length === 0,
      }),
      ...permissions(true),
    ],
    segments: [
      fixedRows(bornMs, ['name', 'active', 'model_id', 'groups', 'domain_force', ...PERMISSIONS], () =>
        registry.modelNames().flatMap((name) =>
          (registry.get(name)?.rules ?? []).map((rule): Row => ({
            name: rule.name,
            active: rule.active ?? true,
            model_id: registry.modelId(name),
            groups: (rule.groups ?? []).map(groupId),
            domain_force: rule.domain,
            ...Object.fromEntries(PERMISSIONS.map((permission) => [permission, true])),
          })),
        ),
      ),
    ],
  });
}

/** Rows that are made when all models are known, and never again. */
function fixedRows(bornMs: number, names: readonly string[], make: () => readonly Row[]): Segment {
  let made: readonly Row[] | null = null;
  const rows = (): readonly Row[] => (made ??= make());
  return segment({
    firstId: 1,
    count: () => rows().length,
    item: (index) => rows()[index] ?? {},
    writeMs: () => bornMs,
    createMs: () => bornMs,
    values: Object.fromEntries(names.map((name) => [name, (row: Row) => row[name] ?? null])),
  });
}
