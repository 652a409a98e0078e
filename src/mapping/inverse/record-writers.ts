import type { IntegrationObject, Manifest } from '../../manifest/index.ts';
import type { TenantStream } from '../catalogue.ts';
import { decimalScale } from '../compile-parts.ts';
import { modelViews } from '../model-view.ts';
import { nativeTables } from '../native-table.ts';
import { inverseOf, type FieldInverse } from './inverse-of.ts';

/** How records of a model are written to one native object of one connection. */
export interface RecordWriter {
  readonly stream: TenantStream;
  readonly object: IntegrationObject;
  /** By model field; those that nothing of this org fills are absent. */
  readonly fields: ReadonlyMap<string, FieldInverse>;
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
      })),
    ]),
  );
}
