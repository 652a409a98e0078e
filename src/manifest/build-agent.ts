import { suggest } from '../kernel/index.ts';
import { humanise } from './build-model.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { modelFilter, nativeRowFilter } from './read-filter.ts';
import { findField, type Scope } from './scope.ts';
import type { RawAgent, RawObjectGrant } from './shapes/project-shape.ts';
import type { AgentDeclaration, ObjectGrant } from './types.ts';

export interface AgentContext {
  readonly document: YamlDocument;
  readonly tools: ReadonlySet<string>;
  readonly scope: Scope;
  readonly report: Reporter;
}

export function buildAgent(name: string, raw: RawAgent, context: AgentContext): AgentDeclaration {
  const { document, report, tools } = context;
  const path = ['agents', name];
  for (const [index, tool] of (raw.grant.tools ?? []).entries()) {
    if (tools.has(tool)) continue;
    report({
      code: 'manifest_tool_unknown',
      path: [...path, 'grant', 'tools', index],
      message: `There is no tool \`${tool}\`.`,
      fix: `Use: ${[...tools].join(', ')}.`,
      suggestions: suggest(tool, tools),
    });
  }
  const objects = new Map<string, ObjectGrant>();
  for (const [object, grant] of Object.entries(raw.grant.objects ?? {})) {
    objects.set(object, buildObjectGrant(object, grant, [...path, 'grant', 'objects', object], context));
  }
  return {
    name,
    title: raw.title ?? humanise(name),
    owner: raw.owner ?? null,
    grant: {
      objects,
      tools: raw.grant.tools ?? [],
      savedQueries: [],
      rowsMax: raw.grant.rows_max ?? null,
      callsPerMinute: raw.grant.calls_per_minute ?? null,
    },
    at: document.mark(path, 'key'),
  };
}

function buildObjectGrant(
  object: string,
  raw: RawObjectGrant,
  path: DocumentPath,
  { document, scope, report }: AgentContext,
): ObjectGrant {
  const at = document.mark(path, 'key');
  const model = scope.models.get(object) ?? null;
  if (model === null) checkNativeName(object, path, scope, report);
  if (raw === '*') return { fields: null, where: null, at };
  const fields = raw.fields === undefined || raw.fields === '*' ? null : raw.fields;
  if (model !== null) {
    for (const [index, field] of (fields ?? []).entries()) {
      // A grant may name a to-many relation too: it is seen by its name like a field.
      if (model.many.has(field)) continue;
      findField(model, field, { path: [...path, 'fields', index] }, scope, report);
    }
  }
  if (raw.where === undefined) return { fields, where: null, at };
  const place = { path: [...path, 'where'], report };
  const where = model === null ? nativeRowFilter(raw.where, place) : modelFilter(raw.where, model, place, scope);
  return { fields, where, at };
}

function checkNativeName(object: string, path: DocumentPath, scope: Scope, report: Reporter): void {
  const dot = object.indexOf('.');
  const integration = dot === -1 ? object : object.slice(0, dot);
  if (scope.broken.has(object) || scope.broken.has(integration)) return;
  if (dot !== -1 && scope.integrations.has(integration)) return;
  const native = [...scope.integrations.values()].flatMap((each) => [
    `${each.name}.*`,
    ...[...each.objects.keys()].map((key) => `${each.name}.${key}`),
  ]);
  const whole = dot === -1 && scope.integrations.has(object);
  report({
    code: dot === -1 && !whole ? 'manifest_model_unknown' : 'manifest_object_unknown',
    path,
    at: 'key',
    message:
      dot === -1
        ? `There is no model \`${object}\`.`
        : `There is no integration \`${integration}\`, so nothing is named \`${object}\`.`,
    fix: whole ? `Write \`${object}.*\` for its native objects.` : 'Name a model, or native objects of an integration.',
    suggestions: whole ? [`${object}.*`] : suggest(object, [...scope.models.keys(), ...native]),
  });
}
