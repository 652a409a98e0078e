import { suggest } from '../kernel/index.ts';
import type { Reporter } from './document.ts';
import { findField, findModel, type Scope } from './scope.ts';
import type { Integration } from './types.ts';

/** Each `system_of_record` claim names a model or field that the integration feeds, once. */
export function checkClaims(integration: Integration, scope: Scope, report: Reporter): void {
  const fed = namesFed(integration);
  for (const [index, claim] of integration.systemOfRecord.entries()) {
    const path = ['system_of_record', index];
    if (integration.systemOfRecord.indexOf(claim) !== index) {
      report({
        code: 'manifest_claim_invalid',
        path,
        message: `\`${claim}\` stands twice in the list.`,
        fix: 'Remove one of the two.',
      });
      continue;
    }
    const [modelName = '', fieldName] = claim.split('.');
    const model = findModel(modelName, path, scope, report);
    if (model === null) continue;
    if (fieldName !== undefined && findField(model, fieldName, { path }, scope, report) === null) continue;
    if (fed.has(claim) || scope.broken.has(claim)) continue;
    report({
      code: 'manifest_claim_invalid',
      path,
      message: `No object of \`${integration.name}\` feeds \`${claim}\`, so it has nothing to decide there.`,
      fix: `Map \`${claim}\` from an object of this integration, or remove the claim.`,
      suggestions: suggest(claim, fed),
    });
  }
}

/** One name has one system that decides it; the second claim is the mistake. */
export function checkRivalClaims(
  integrations: Iterable<Integration>,
  reporterOf: (integration: Integration) => Reporter | null,
): void {
  const owners = new Map<string, Integration>();
  for (const integration of integrations) {
    for (const [index, claim] of integration.systemOfRecord.entries()) {
      const owner = owners.get(claim);
      if (owner === undefined) owners.set(claim, integration);
      if (owner === undefined || owner === integration) continue;
      reporterOf(integration)?.({
        code: 'manifest_claim_invalid',
        path: ['system_of_record', index],
        message: `\`${claim}\` is decided by integration \`${owner.name}\` already (${owner.at.file}).`,
        fix: 'Leave the claim to one of them; a single field may have another owner than its model.',
      });
    }
  }
}

function namesFed(integration: Integration): Set<string> {
  const names = new Set<string>();
  for (const { model, fields } of integration.objects.values()) {
    if (model === null) continue;
    names.add(model);
    for (const field of fields.keys()) names.add(`${model}.${field}`);
  }
  return names;
}
