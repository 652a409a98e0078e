import { buildOverlay } from './build-overlay.ts';
import { checkShape } from './check-shape.ts';
import { decodeFile } from './decode-file.ts';
import { parseYaml, reporterFor } from './document.ts';
import { sortProblems, type Problem } from './problem.ts';
import type { KnownNames } from './project.ts';
import { tenantShape } from './shapes/tenant-shape.ts';
import type { Manifest, Overlay } from './types.ts';

export type OverlayResult =
  | { readonly kind: 'ok'; readonly overlay: Overlay }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/**
 * A stored overlay (the text of a file as in tenants/) over a manifest, or
 * every mistake in it. `file` is what its mistakes call it; `known` is judged
 * only where the overlay is new, since a stale one closes its tenant. Pure.
 */
export function loadOverlay(
  text: string,
  { file, tenant }: { readonly file: string; readonly tenant: string },
  manifest: Manifest,
  known: Pick<KnownNames, 'liveWays' | 'newFieldWays'> = {},
): OverlayResult {
  const problems: Problem[] = [];
  const content = decodeFile(file, text, problems);
  const document = content === null ? null : parseYaml(file, content, problems);
  if (document === null) return { kind: 'problems', problems: sortProblems(problems) };
  const report = reporterFor(document, problems);
  const shaped = checkShape(document, tenantShape, { tenant }, report);
  const overlay = buildOverlay(shaped, { base: manifest, broken: new Set(), ...waysOf(known), report });
  if (overlay !== null && overlay.tenant !== tenant) {
    report({
      code: 'manifest_value_invalid',
      path: ['tenant'],
      message: `The overlay is written for \`${overlay.tenant}\`, not for \`${tenant}\`.`,
      fix: `Write \`tenant: ${tenant}\`, or store it for \`${overlay.tenant}\`.`,
      suggestions: [tenant],
    });
  }
  return overlay === null || problems.length > 0
    ? { kind: 'problems', problems: sortProblems(problems) }
    : { kind: 'ok', overlay };
}

const waysOf = ({ liveWays, newFieldWays }: Pick<KnownNames, 'liveWays' | 'newFieldWays'>) => ({
  liveWays,
  newFieldWays,
});
