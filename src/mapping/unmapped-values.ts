import { suggest } from '../kernel/index.ts';
import type { FieldMapping, Model, ModelField } from '../manifest/index.ts';
import { applySteps } from './apply-steps.ts';
import type { CatalogueDiagnostic } from './catalogue.ts';
import { cleanLabel } from './clean-text.ts';
import type { NativeTable } from './native-table.ts';
import type { MappingPlan } from './plan-mapping.ts';

/**
 * Values of the native picklist that the mapping turns into nothing: records
 * that have them would silently drop out of every filter on the field. Found
 * by running the mapping over each value.
 */
export function unmappedValues(
  model: Model,
  target: ModelField,
  plan: MappingPlan,
  mapping: FieldMapping,
  table: NativeTable,
): CatalogueDiagnostic[] {
  const { source } = plan;
  if (target.values === null || source.kind !== 'native' || source.field.values === undefined) return [];
  if (plan.segments.some((segment) => segment.kind !== 'stage')) return [];
  const { field } = source;
  const isList = field.type === 'multi_enum';
  const lost = source.field.values.filter(({ value, active }) => {
    if (!active) return false;
    const document = { [field.name]: isList ? [value] : value };
    const result = applySteps({ plan, target, scale: 0, onMissing: 'null', document, lookup: () => null });
    return result === null || (Array.isArray(result) && result.length === 0);
  });
  return lost.map(({ value, label }) => ({
    code: 'value_unmapped',
    object: table.name,
    field: `${model.name}.${mapping.field}`,
    message: `${field.name} of ${table.name} can be "${cleanLabel(value)}", which no value of ${model.name}.${target.name} stands for; such records show nothing there.`,
    suggestions: suggest(label, target.values ?? []),
  }));
}
