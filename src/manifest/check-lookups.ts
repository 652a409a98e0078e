import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { globMatches } from './glob.ts';
import type { FieldMapping, Integration } from './types.ts';

/** Mappings of one native object; null stands for a field that a tenant does not have. */
interface MappedObject {
  readonly from: string;
  readonly fields: ReadonlyMap<string, FieldMapping | null>;
}

/** A lookup reads another object's records, so that object has to be replicated too. `under`: path of the block that has `objects`. */
export function checkLookups(
  integration: Pick<Integration, 'objects' | 'alsoSync'>,
  objects: readonly MappedObject[],
  under: DocumentPath,
  report: Reporter,
): void {
  for (const object of objects) {
    for (const mapping of object.fields.values()) {
      for (const step of mapping?.steps ?? []) {
        if (mapping === null || step.kind !== 'lookup' || integration.objects.has(step.object)) continue;
        if (integration.alsoSync.some((glob) => globMatches(glob, step.object))) continue;
        report({
          code: 'manifest_mapping_invalid',
          path: [...under, 'objects', object.from, 'fields', mapping.field, 'lookup', 'object'],
          message: `The lookup reads \`${step.object}\`, which this integration does not replicate.`,
          fix: `Add \`${step.object}: {}\` under \`objects\`.`,
          suggestions: suggest(step.object, integration.objects.keys()),
        });
      }
    }
  }
}
