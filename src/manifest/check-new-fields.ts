import type { DocumentPath, Reporter } from './document.ts';
import type { IntegrationObject, Model, NewFieldWays } from './types.ts';

/**
 * `unmapped: create_field` has to be something that the provider does, for this
 * object and such values. `ways`: undefined where that is not known here, null
 * where the connector makes no fields.
 */
export function checkNewFields(
  { from, write }: Pick<IntegrationObject, 'from' | 'write'>,
  model: Model | null,
  path: DocumentPath,
  {
    connector,
    ways,
    report,
  }: { readonly connector: string; readonly ways: NewFieldWays | null | undefined; readonly report: Reporter },
): void {
  if (ways === undefined) return;
  for (const [name, rule] of write?.unmapped ?? []) {
    if (rule.kind !== 'create_field') continue;
    const mistake = { code: 'manifest_create_field_unsupported', path: [...path, 'write', 'unmapped', name] } as const;
    const fix = 'Write `error`, `skip`, or `store_in` with a native field.';
    if (ways === null || (ways.objects !== 'any' && !ways.objects.includes(from))) {
      const what = ways === null ? 'no fields' : `no fields of \`${from}\``;
      report({ ...mistake, message: `\`${connector}\` makes ${what}.`, fix });
      continue;
    }
    const type = model?.fields.get(name)?.type;
    // Kept as a number, as far as the provider keeps digits.
    const wanted = type === 'decimal' ? 'number' : type;
    if (wanted === undefined || ways.types.includes(wanted)) continue;
    report({
      ...mistake,
      message: `\`${connector}\` makes no fields for values of type ${type ?? ''}.`,
      fix: `${fix} Made are fields for: ${ways.types.join(', ')}.`,
    });
  }
}
