import type { DocumentPath, Reporter } from './document.ts';
import { globCovers, globMatches } from './glob.ts';
import type { Integration } from './types.ts';

/** Nothing is replicated from outside the fence of `scope.read`: neither a named object nor what a glob may reach. */
export function checkReadScope(
  { name, scope }: Pick<Integration, 'name' | 'scope'>,
  asked: {
    readonly objects: Iterable<string>;
    readonly alsoSync: readonly string[];
    /** Path of the block that has `objects` and `also_sync`. */
    readonly under: DocumentPath;
  },
  report: Reporter,
): void {
  const fence = scope.read.length === 0 ? 'admits nothing' : `admits ${scope.read.join(', ')}`;
  for (const object of asked.objects) {
    if (scope.read.some((glob) => globMatches(glob, object))) continue;
    report({
      code: 'manifest_scope_exceeded',
      path: [...asked.under, 'objects', object],
      at: 'key',
      message: `\`${object}\` lies outside the read scope of \`${name}\`, which ${fence}.`,
      fix: `Add \`${object}\` to \`scope.read\` of the integration, or remove the object.`,
    });
  }
  for (const [index, wanted] of asked.alsoSync.entries()) {
    if (scope.read.some((glob) => globCovers(glob, wanted))) continue;
    report({
      code: 'manifest_scope_exceeded',
      path: [...asked.under, 'also_sync', index],
      message: `\`${wanted}\` may reach outside the read scope of \`${name}\`, which ${fence}.`,
      fix: `Add \`${wanted}\` to \`scope.read\` of the integration, or narrow the glob.`,
    });
  }
}
