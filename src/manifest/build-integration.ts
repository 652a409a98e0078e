import { suggest } from '../kernel/index.ts';
import { humanise } from './build-model.ts';
import { buildObject } from './build-object.ts';
import { checkClaims } from './check-claims.ts';
import { checkLive } from './check-live.ts';
import { checkNewFields } from './check-new-fields.ts';
import { checkLookups } from './check-lookups.ts';
import { checkReadScope } from './check-read-scope.ts';
import { checkWriteScope } from './build-write.ts';
import type { Shaped } from './check-shape.ts';
import { callLimits, checkCallLimits } from './check-limits.ts';
import type { Reporter } from './document.ts';
import type { KnownNames } from './project.ts';
import type { Scope } from './scope.ts';
import type { RawIntegration } from './shapes/integration-shape.ts';
import type { Integration, IntegrationObject } from './types.ts';

export interface IntegrationContext {
  readonly name: string;
  readonly connectors: ReadonlySet<string>;
  readonly providerLimits: KnownNames['providerLimits'];
  readonly liveWays: KnownNames['liveWays'];
  readonly newFieldWays: KnownNames['newFieldWays'];
  readonly scope: Scope;
  readonly report: Reporter;
}

export function buildIntegration(shaped: Shaped<RawIntegration>, context: IntegrationContext): Integration | null {
  const { document, raw, isBroken } = shaped;
  const { report, connectors, scope } = context;
  if (raw === null) return null;
  if (!isBroken(['connector']) && !connectors.has(raw.connector)) {
    report({
      code: 'manifest_connector_unknown',
      path: ['connector'],
      message: `There is no connector \`${raw.connector}\`.`,
      fix: `Use one of: ${[...connectors].join(', ')}.`,
      suggestions: suggest(raw.connector, connectors),
    });
  }
  const objects = new Map<string, IntegrationObject>();
  for (const [native, block] of Object.entries(raw.objects)) {
    const path = ['objects', native];
    const object = buildObject(native, block, path, { document, isBroken, scope, report });
    const ways = context.liveWays?.get(raw.connector);
    if (!isBroken([...path, 'sync', 'live'])) checkLive(object, path, { connector: raw.connector, ways, report });
    const model = object.model === null ? null : (scope.models.get(object.model) ?? null);
    const newFields = context.newFieldWays?.get(raw.connector);
    checkNewFields(object, model, path, { connector: raw.connector, ways: newFields, report });
    objects.set(native, object);
  }
  const integration: Integration = {
    name: context.name,
    title: raw.title ?? humanise(context.name),
    connector: raw.connector,
    trust: raw.trust,
    systemOfRecord: raw.system_of_record ?? [],
    scope: {
      read: raw.scope?.read ?? ['*'],
      write: raw.scope?.write ?? [],
      writeAs: raw.scope?.write_as ?? 'checked',
    },
    mode: raw.mode ?? 'read_only',
    onCall: raw.on_call ?? null,
    objects,
    alsoSync: raw.also_sync ?? [],
    ...callLimits(raw.limits),
    at: document.mark(['integration']),
  };
  checkLookups(integration, [...objects.values()], [], report);
  checkClaims(integration, scope, report);
  checkCallLimits(integration, context.providerLimits?.get(raw.connector), report);
  checkReadScope(integration, { objects: objects.keys(), alsoSync: integration.alsoSync, under: [] }, report);
  const hasMode = raw.mode !== undefined || isBroken(['mode']);
  checkWriteScope(integration, [...objects.values()], { under: [], report, hasMode });
  return integration;
}
