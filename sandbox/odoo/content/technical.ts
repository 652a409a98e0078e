import { listed, segment } from '../rows/segment.ts';
import { field, many2one, selection } from '../schema/build.ts';
import { FIELD_TYPES, isStored, type FieldDef, type Raw } from '../schema/field.ts';
import { ACCESS, model, type ModelDef } from '../schema/model.ts';
import type { Registry } from '../schema/registry.ts';
import { automationModel, constraintModel, serverActionModel } from './constraints.ts';
import { otherKinds } from './other-kinds.ts';

const MODULES = ['base', 'web', 'mail', 'contacts', 'sales_team', 'crm', 'sale', 'calendar', 'base_automation'];

/** What describes the database to itself: models, fields, choices, constraints, automations, modules. */
export function technicalModels(registry: Registry, bornMs: number): readonly ModelDef[] {
  return [
    modelModel(registry, bornMs),
    fieldModel(registry, bornMs),
    constraintModel(registry, bornMs),
    automationModel(registry, bornMs),
    model({
      model: 'ir.module.module',
      name: 'Module',
      order: 'name',
      access: ACCESS.internalLookup,
      fields: [
        field('name', 'char', 'Technical Name', { required: true, readonly: true }),
        field('shortdesc', 'char', 'Module Name', { readonly: true }),
        field('state', 'char', 'Status', { readonly: true }),
      ],
      segments: listed(
        1,
        bornMs,
        MODULES.map((name) => ({ name, shortdesc: name, state: 'installed' })),
      ),
    }),
    ...otherKinds(bornMs),
    serverActionModel(),
  ];
}

function modelModel(registry: Registry, bornMs: number): ModelDef {
  const values: Readonly<Record<string, (row: { readonly model: string; readonly def: ModelDef | undefined }) => Raw>> =
    {
      name: ({ def }) => def?.name ?? null,
      model: (row) => row.model,
      state: ({ def }) => def?.state ?? 'base',
      transient: ({ def }) => def?.kind === 'transient',
      abstract: ({ def }) => def?.kind === 'abstract',
      modules: ({ def }) => def?.module ?? null,
      order: ({ def }) => def?.order ?? 'id',
    };
  return model({
    model: 'ir.model',
    name: 'Models',
    order: 'model',
    access: ACCESS.internalLookup,
    fields: [
      field('name', 'char', 'Model Description', { required: true, translate: true }),
      field('model', 'char', 'Model', { required: true }),
      field('order', 'char', 'Order', { required: true, default: 'id', from: 17 }),
      selection(
        'state',
        'Type',
        { manual: 'Custom Object', base: 'Base Object' },
        { readonly: true, default: 'manual' },
      ),
      field('transient', 'boolean', 'Transient Model', { default: false }),
      field('abstract', 'boolean', 'Abstract Model', { from: 19, default: false }),
      field('modules', 'char', 'In Apps', { store: false, readonly: true }),
    ],
    segments: [
      segment({
        firstId: 1,
        count: () => registry.modelNames().length,
        item: (index) => {
          const name = registry.modelNames()[index] ?? '';
          return { model: name, def: registry.get(name) };
        },
        writeMs: () => bornMs,
        createMs: () => bornMs,
        values,
      }),
    ],
  });
}

interface FieldItem {
  readonly model: string;
  readonly def: FieldDef | undefined;
}

function fieldModel(registry: Registry, bornMs: number): ModelDef {
  const values: Readonly<Record<string, (row: FieldItem) => Raw>> = {
    name: ({ def }) => def?.name ?? null,
    model: (row) => row.model,
    model_id: (row) => registry.modelId(row.model),
    field_description: ({ def }) => def?.string ?? null,
    help: ({ def }) => def?.help ?? null,
    ttype: ({ def }) => def?.type ?? null,
    relation: ({ def }) => def?.relation ?? null,
    relation_field: ({ def }) => def?.relationField ?? null,
    related: ({ def }) => def?.related ?? null,
    required: ({ def }) => def?.required === true,
    readonly: ({ def }) => def?.readonly === true,
    store: ({ def }) => def !== undefined && isStored(def),
    translate: ({ def }) => def?.translate === true,
    size: ({ def }) => def?.size ?? null,
    company_dependent: ({ def }) => def?.companyDependent === true,
    state: ({ def }) => (def?.manual === true ? 'manual' : 'base'),
    selection: ({ def }) =>
      def?.selection === undefined
        ? null
        : `[${def.selection.map(([value, label]) => `('${value}', '${label}')`).join(', ')}]`,
    modules: (row) => registry.get(row.model)?.module ?? null,
  };
  return model({
    model: 'ir.model.fields',
    name: 'Fields',
    order: 'name',
    recName: 'field_description',
    access: ACCESS.internalLookup,
    fields: [
      field('name', 'char', 'Field Name', { required: true }),
      field('model', 'char', 'Model Name', { required: true }),
      many2one('model_id', 'Model', 'ir.model', { required: true }),
      field('field_description', 'char', 'Field Label', { required: true, translate: true }),
      field('help', 'text', 'Field Help', { translate: true }),
      selection('ttype', 'Field Type', Object.fromEntries(FIELD_TYPES.map((type) => [type, type])), { required: true }),
      field('relation', 'char', 'Related Model'),
      field('relation_field', 'char', 'Relation Field'),
      field('related', 'char', 'Related Field'),
      field('required', 'boolean', 'Required'),
      field('readonly', 'boolean', 'Readonly'),
      field('store', 'boolean', 'Stored'),
      field('translate', 'boolean', 'Translatable'),
      field('size', 'integer', 'Size'),
      field('company_dependent', 'boolean', 'Company Dependent', { from: 19 }),
      selection(
        'state',
        'Type',
        { manual: 'Custom Field', base: 'Base Field' },
        { required: true, readonly: true, default: 'manual' },
      ),
      field('selection', 'char', 'Selection Options (Deprecated)', { store: false, readonly: true }),
      field('modules', 'char', 'In Apps', { store: false, readonly: true }),
    ],
    segments: [
      segment({
        firstId: 1,
        count: () => registry.fieldRows().length,
        item: (index) => {
          const row = registry.fieldRows()[index] ?? { model: '', name: '' };
          return { model: row.model, def: registry.field(row.model, row.name) };
        },
        writeMs: () => bornMs,
        createMs: () => bornMs,
        values,
        isGone: (index) => {
          const row = registry.fieldRows()[index];
          return row === undefined || registry.field(row.model, row.name) === undefined;
        },
      }),
    ],
  });
}
