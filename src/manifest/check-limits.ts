import { suggest } from '../kernel/index.ts';
import type { Reporter } from './document.ts';
import type { RawCallLimits } from './shapes/integration-shape.ts';
import type { CallLimit, Integration, ProviderLimit } from './types.ts';

/** `limits` of an integration or an overlay, with shorthands expanded; undefined where nothing is said. */
export function callLimits(raw: RawCallLimits | undefined): Pick<Integration, 'limits'> {
  const entries = Object.entries(raw ?? {});
  if (entries.length === 0) return {};
  const expanded = entries.map(([name, { calls, reserve }]): [string, CallLimit] => [
    name,
    { calls: calls ?? null, reserve: reserve === undefined ? null : reserve / 100 },
  ]);
  return { limits: new Map(expanded) };
}

/** What an integration sets must lie within what its provider allows. `known`: undefined where that is not known here. */
export function checkCallLimits(
  integration: Pick<Integration, 'limits' | 'connector'>,
  known: readonly ProviderLimit[] | undefined,
  report: Reporter,
): void {
  if (known === undefined) return;
  for (const [name, { calls }] of integration.limits ?? []) {
    const limit = known.find((each) => each.name === name);
    if (limit === undefined) {
      const names = known.map((each) => each.name);
      report({
        code: 'manifest_limit_invalid',
        path: ['limits', name],
        at: 'key',
        message: `\`${integration.connector}\` has no limit \`${name}\`.`,
        fix: names.length === 0 ? 'Remove it: this provider sets none.' : `Use one of: ${names.join(', ')}.`,
        suggestions: suggest(name, names),
      });
    } else if (calls !== null && calls > limit.callsMax) {
      report({
        code: 'manifest_limit_invalid',
        path: ['limits', name, 'calls'],
        message: `\`${String(calls)}\` calls are more than the ${String(limit.callsMax)} that the provider allows at most.`,
        fix: `Write at most ${String(limit.callsMax)}.`,
      });
    }
  }
}

/** A tenant lowers what the integration names, and reserves more of it. */
export function checkTenantLimits(
  own: Pick<Integration, 'limits'>,
  { name: integration, limits }: Integration,
  report: Reporter,
): void {
  for (const [name, { calls, reserve }] of own.limits ?? []) {
    const base = limits?.get(name);
    const path = ['integrations', integration, 'limits', name];
    if (base === undefined) {
      report({
        code: 'manifest_overlay_invalid',
        path,
        at: 'key',
        message: `Integration \`${integration}\` names no limit \`${name}\`; an overlay lowers those that it names.`,
        fix: `Add it under \`limits\` in integrations/${integration}.yaml, or correct the name.`,
        suggestions: suggest(name, limits?.keys() ?? []),
      });
      continue;
    }
    if (calls !== null && base.calls !== null && calls > base.calls)
      tooMuch([...path, 'calls'], `${String(calls)} calls`, `at most ${String(base.calls)}`, report);
    if (reserve !== null && base.reserve !== null && reserve < base.reserve)
      tooMuch([...path, 'reserve'], `${percent(reserve)} in reserve`, `at least ${percent(base.reserve)}`, report);
  }
}

const percent = (share: number): string => String(Math.round(share * 100));

function tooMuch(path: readonly string[], wanted: string, bound: string, report: Reporter): void {
  report({
    code: 'manifest_overlay_invalid',
    path,
    message: `\`${wanted}\` is looser than what the integration sets.`,
    fix: `Write ${bound}.`,
  });
}
