import { suggest } from '../kernel/index.ts';
import { humanise } from './build-model.ts';
import { buildWriteGrants } from './build-write-grant.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { globMatches } from './glob.ts';
import { isNetwork, isRedirect, networkRule, redirectRule } from './networks.ts';
import { modelFilter, nativeRowFilter } from './read-filter.ts';
import { findField, type Scope } from './scope.ts';
import type { RawAgent, RawObjectGrant } from './shapes/project-shape.ts';
import type { AgentDeclaration, ObjectGrant, SavedQuery } from './types.ts';

export interface AgentContext {
  readonly document: YamlDocument;
  readonly tools: ReadonlySet<string>;
  /** Null: they are not known here. */
  readonly intents: ReadonlySet<string> | null;
  readonly scope: Scope;
  readonly savedQueries: ReadonlyMap<string, SavedQuery>;
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
  checkSavedQueries(raw, objects, path, context);
  checkIdentity(raw, path, context);
  return {
    name,
    title: raw.title ?? humanise(name),
    owner: raw.owner ?? null,
    ...identityOf(raw),
    grant: {
      objects,
      tools: raw.grant.tools ?? [],
      savedQueries: raw.grant.saved_queries ?? [],
      ...buildWriteGrants(raw.grant, { ...context, path: [...path, 'grant'], objects }),
      rowsMax: raw.grant.rows_max ?? null,
      callsPerMinute: raw.grant.calls_per_minute ?? null,
    },
    at: document.mark(path, 'key'),
  };
}

/** Networks and addresses: more than a pattern can say. */
function checkIdentity(raw: RawAgent, path: DocumentPath, { report }: AgentContext): void {
  for (const [key, values, isRight, rule] of [
    ['ip_allow', raw.ip_allow ?? [], isNetwork, networkRule],
    ['redirect_uris', raw.redirect_uris ?? [], isRedirect, redirectRule],
  ] as const) {
    for (const [index, value] of values.entries()) {
      if (isRight(value)) continue;
      report({
        code: 'manifest_value_invalid',
        path: [...path, key, index],
        message: `\`${value}\` ${rule}.`,
        fix: 'Correct it, or leave it out.',
      });
    }
  }
}

/** Only what is written: what is left out has its default where it is used. */
function identityOf(raw: RawAgent): Partial<AgentDeclaration> {
  const { acts_for, status, ip_allow, clients, redirect_uris, money_per_day } = raw;
  return {
    ...(acts_for === undefined ? {} : { actsFor: acts_for }),
    ...(status === undefined ? {} : { status }),
    ...(ip_allow === undefined ? {} : { ipAllow: ip_allow }),
    ...(clients === undefined ? {} : { clients }),
    ...(redirect_uris === undefined ? {} : { redirectUris: redirect_uris }),
    ...(money_per_day === undefined ? {} : { moneyPerDay: money_per_day }),
  };
}

/** A saved query asks with the agent's own rights: what it asks about has to be granted too. */
function checkSavedQueries(
  { grant }: RawAgent,
  objects: ReadonlyMap<string, ObjectGrant>,
  path: DocumentPath,
  { savedQueries, scope, report }: AgentContext,
): void {
  for (const [index, name] of (grant.saved_queries ?? []).entries()) {
    const at = [...path, 'grant', 'saved_queries', index];
    const query = savedQueries.get(name);
    if (query === undefined) {
      if (scope.broken.has('saved queries')) continue;
      report({
        code: 'manifest_saved_query_unknown',
        path: at,
        message: `There is no saved query \`${name}\`.`,
        fix: 'Correct the name, or declare the query under `saved_queries` in policies/*.yaml.',
        suggestions: suggest(name, savedQueries.keys()),
      });
      continue;
    }
    const object = objectOf(query);
    if (
      [...objects.keys()].some(
        (granted) => granted === object || (object.includes('.') && globMatches(granted, object)),
      )
    )
      continue;
    report({
      code: 'manifest_query_invalid',
      path: at,
      message: `\`${name}\` asks about \`${object}\`, which the grant does not have.`,
      fix: `Add \`${object}\` to \`objects\` of the grant.`,
    });
  }
}

/** The shape of saved queries admits a text only. */
const objectOf = ({ query }: SavedQuery): string => (typeof query['object'] === 'string' ? query['object'] : '');

function buildObjectGrant(
  object: string,
  raw: RawObjectGrant,
  path: DocumentPath,
  { document, scope, report }: AgentContext,
): ObjectGrant {
  const at = document.mark(path, 'key');
  const model = scope.models.get(object) ?? null;
  if (model === null) checkNativeName(object, { path, at: 'key' }, scope, report);
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

/** A native object's name leads to an integration; which objects that has is known per tenant only. */
export function checkNativeName(
  object: string,
  place: { readonly path: DocumentPath; readonly at: 'key' | 'value' },
  scope: Scope,
  report: Reporter,
): void {
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
    ...place,
    message:
      dot === -1
        ? `There is no model \`${object}\`.`
        : `There is no integration \`${integration}\`, so nothing is named \`${object}\`.`,
    fix: whole ? `Write \`${object}.*\` for its native objects.` : 'Name a model, or native objects of an integration.',
    suggestions: whole ? [`${object}.*`] : suggest(object, [...scope.models.keys(), ...native]),
  });
}
