import { GantryError, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeRule } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, rowsOf } from './call.ts';

/**
 * What the customer configured around a model: SQL constraints (checks and
 * unique keys) and automation rules. Only administrators may read them, and
 * base.automation is an app of its own: what the user does not see is absent,
 * not an error. Constraints in Python are nowhere to be read.
 */
export async function rulesOf(context: SessionContext, model: string): Promise<NativeRule[]> {
  const [constraints, automations] = await Promise.all([constraintsOf(context, model), automationsOf(context, model)]);
  return [...constraints, ...automations];
}

async function constraintsOf(context: SessionContext, model: string): Promise<NativeRule[]> {
  const rows = await rowsIfThere(context, 'ir.model.constraint', {
    // `u` is every constraint that is not a foreign key or an index.
    domain: [
      ['model.model', '=', model],
      ['type', '=', 'u'],
    ],
    fields: ['name', 'definition', 'message'],
    order: 'name',
  });
  return rows.map((row) => {
    const definition = filled(row, 'definition');
    return {
      kind: 'constraint',
      name: textAt(row, 'name') ?? '',
      active: true,
      message: filled(row, 'message'),
      condition: definition,
      fields: columnsIn(definition),
    };
  });
}

/** Columns of `UNIQUE(a, b)`; a check is an expression, which names them in its own way. */
function columnsIn(definition: string | null): string[] {
  const list = /^unique\s*\(([^)]*)\)$/i.exec(definition ?? '')?.[1];
  return list === undefined ? [] : list.split(',').map((column) => column.trim().replaceAll('"', ''));
}

async function automationsOf(context: SessionContext, model: string): Promise<NativeRule[]> {
  const ask = (fields: string[]): Promise<readonly JsonObject[]> =>
    rowsIfThere(context, 'base.automation', {
      domain: [['model_id.model', '=', model]],
      fields,
      order: 'name',
      // An inactive rule can be switched on at any time.
      context: { active_test: false },
    });
  const withFields = await ask([...AUTOMATION_FIELDS, 'trigger_field_ids']);
  // Not every version of the app says which fields set a rule off.
  const rows = withFields.length > 0 ? withFields : await ask(AUTOMATION_FIELDS);
  const names = await fieldNames(
    context,
    rows.flatMap((row) => idsIn(row['trigger_field_ids'])),
  );
  return rows.map((row) => ({
    kind: 'automation',
    name: textAt(row, 'name') ?? '',
    active: row['active'] !== false,
    message: filled(row, 'trigger'),
    condition: filled(row, 'filter_domain'),
    fields: idsIn(row['trigger_field_ids']).flatMap((id) => names.get(id) ?? []),
  }));
}

const AUTOMATION_FIELDS = ['name', 'active', 'trigger', 'filter_domain'];

async function fieldNames(context: SessionContext, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await rowsIfThere(context, 'ir.model.fields', { domain: [['id', 'in', [...ids]]], fields: ['name'] });
  return new Map(rows.map((row) => [Number(row['id']), textAt(row, 'name') ?? '']));
}

const NOT_SHOWN = new Set([
  'upstream_forbidden',
  'upstream_object_missing',
  'upstream_refused',
  'upstream_schema_changed',
]);

async function rowsIfThere(context: SessionContext, model: string, params: JsonObject): Promise<readonly JsonObject[]> {
  try {
    return rowsOf(await odooCall(context, model, 'search_read', params), model);
  } catch (error) {
    if (error instanceof GantryError && NOT_SHOWN.has(error.code)) return [];
    throw error;
  }
}

const idsIn = (value: Json | undefined): number[] =>
  Array.isArray(value) ? value.filter((id): id is number => typeof id === 'number') : [];

/** Odoo writes `false` where a text is empty. */
function filled(row: JsonObject, name: string): string | null {
  const text = textAt(row, name);
  return text === '' ? null : text;
}
