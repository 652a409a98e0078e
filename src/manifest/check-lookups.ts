import { suggest } from '../kernel/index.ts';
import type { Reporter } from './document.ts';
import { globMatches } from './glob.ts';
import type { Integration } from './types.ts';

/** A lookup reads another object's records, so that object has to be replicated too. */
export function checkLookups(integration: Integration, report: Reporter): void {
  for (const object of integration.objects.values()) {
    for (const mapping of object.fields.values()) {
      for (const step of mapping.steps) {
        if (step.kind !== 'lookup' || integration.objects.has(step.object)) continue;
        if (integration.alsoSync.some((glob) => globMatches(glob, step.object))) continue;
        report({
          code: 'manifest_mapping_invalid',
          path: ['objects', object.from, 'fields', mapping.field, 'lookup', 'object'],
          message: `The lookup reads \`${step.object}\`, which this integration does not replicate.`,
          fix: `Add \`${step.object}: {}\` under \`objects\`.`,
          suggestions: suggest(step.object, integration.objects.keys()),
        });
      }
    }
  }
}
