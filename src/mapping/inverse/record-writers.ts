import { operandsOf } from '../../filter/index.ts';
import type { IntegrationObject, Manifest } from '../../manifest/index.ts';
import type { TenantStream } from '../catalogue.ts';
import { decimalScale, leavesOut } from '../compile-parts.ts';
import type { Branch } from '../draft-models.ts';
import { modelViews } from '../model-view.ts';
import { nativeTables } from '../native-table.ts';
import type { MappingPlan } from '../plan-mapping.ts';
import { inverseOf, type FieldInverse } from './inverse-of.ts';

/** How records of a model are written to one native object of one connection. */
export interface RecordWriter {
  readonly stream: TenantStream;
  readonly object: IntegrationObject;
  /** By model field; those that nothing of this org fills are absent. */
  readonly fields: ReadonlyMap<string, FieldInverse>;
  /** By model field: native fields of the record itself that its value is made of. */
  readonly reads: ReadonlyMap<string, readonly string[]>;
  /** Native fields that decide whether the record is one of the model's at all. */
  readonly belongsBy: readonly string[];
}

/** By model; those that nothing feeds here are absent. Pure, from the same as the catalogue. */
export function recordWriters(
  manifest: Manifest,
  streams: readonly TenantStream[],
): ReadonlyMap<string, readonly RecordWriter[]> {
  const tables = nativeTables(streams.filter((stream) => manifest.integrations.has(stream.integration)));
  const { views } = modelViews(manifest, tables);
  return new Map(
    [...views].map(([name, { model, branches }]) => [
      name,
      branches.map((branch) => ({
        stream: branch.table.stream,
        object: branch.object,
        fields: new Map(
          [...branch.plans].flatMap(([fieldName, { plan, mapping }]): [string, FieldInverse][] => {
            const field = model.fields.get(fieldName);
            if (field === undefined) return [];
            const scale = decimalScale(field, branches);
            return [[fieldName, inverseOf(plan, field, { scale, onMissing: mapping.onMissing })]];
          }),
        ),
        reads: new Map([...branch.plans].map(([fieldName, { plan }]) => [fieldName, nativesOf(plan)])),
        belongsBy: belongsBy(branch),
      })),
    ]),
  );
}

function nativesOf({ source }: MappingPlan): readonly string[] {
  switch (source.kind) {
    case 'native':
      return [source.field.name];
    case 'constant':
      return [];
    case 'template':
    case 'concat':
      return source.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field.name]));
  }
}

function belongsBy({ object, plans }: Branch): readonly string[] {
  const named = object.where === null ? [] : operandsOf(object.where);
  const own = named.flatMap((operand) => (operand.kind === 'path' ? [operand.path] : []));
  const needed = [...object.fields.values()].filter(leavesOut).flatMap(({ field }) => plans.get(field)?.plan ?? []);
  return [...new Set([...own, ...needed.flatMap(nativesOf)])];
}
