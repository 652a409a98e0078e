import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import type { IntegrationObject, LiveWays } from './types.ts';

/** What is told live has to be something that the provider tells, in that way. `ways`: undefined where that is not known here. */
export function checkLive(
  { from, sync }: Pick<IntegrationObject, 'from' | 'sync'>,
  path: DocumentPath,
  {
    connector,
    ways,
    report,
  }: { readonly connector: string; readonly ways: LiveWays | undefined; readonly report: Reporter },
): void {
  const { live } = sync;
  if (live === undefined || ways === undefined) return;
  const told = ways[live];
  const mistake = { code: 'manifest_live_unsupported', path: [...path, 'sync', 'live'] } as const;
  if (told === undefined) {
    const other = live === 'webhook' ? 'stream' : 'webhook';
    const hasOther = ways[other] !== undefined;
    report({
      ...mistake,
      message: `\`${connector}\` has no way to tell of changes by ${live}.`,
      fix: hasOther ? `Write \`live: ${other}\`.` : 'Remove `live`: the object is read on schedule.',
      ...(hasOther ? { suggestions: [other] } : {}),
    });
  } else if (told !== 'any' && !told.includes(from)) {
    report({
      ...mistake,
      message: `\`${connector}\` does not tell of \`${from}\` by ${live}.`,
      fix: `Remove \`live\`: the object is read on schedule. Told are: ${told.join(', ')}.`,
      suggestions: suggest(from, told),
    });
  }
}
