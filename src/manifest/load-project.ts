import type { z } from 'zod';
import { buildAgent } from './build-agent.ts';
import { secondsIn } from './ages.ts';
import { buildAlerts } from './build-alerts.ts';
import { buildIntegration } from './build-integration.ts';
import { buildModel, humanise } from './build-model.ts';
import { buildOperation } from './build-operation.ts';
import { buildOverlay } from './build-overlay.ts';
import { buildPolicies } from './build-policies.ts';
import { checkRivalClaims } from './check-claims.ts';
import { checkModel } from './check-models.ts';
import { checkShape, type Shaped } from './check-shape.ts';
import { reporterFor, type YamlDocument } from './document.ts';
import { loadCodeOperations } from './load-code-operations.ts';
import { manifestHash } from './manifest-json.ts';
import { standInName } from './name-from.ts';
import { sortProblems, type Problem } from './problem.ts';
import type { KnownNames, LoadResult, ProjectFiles } from './project.ts';
import { readFiles } from './read-files.ts';
import type { Scope } from './scope.ts';
import { integrationShape } from './shapes/integration-shape.ts';
import { modelShape, type RawModel } from './shapes/model-shape.ts';
import { policyShape } from './shapes/policy-shape.ts';
import { projectShape, type RawProject } from './shapes/project-shape.ts';
import { tenantShape } from './shapes/tenant-shape.ts';
import type { AgentDeclaration, Integration, Manifest, Model, Overlay } from './types.ts';

/**
 * Files to a validated manifest, or every mistake in them, sorted by place.
 * Pure: the same files and names always give the same result. Operations in
 * TypeScript come compiled; `told`: mistakes of those that could not be.
 */
export function loadProject(files: ProjectFiles, known: KnownNames, told: readonly Problem[] = []): LoadResult {
  const problems: Problem[] = [...told];
  const { project, documents, texts, lost } = readFiles(files, problems);
  const loading: Loading = { broken: new Set(lost.map((file) => file.name)), problems };
  const tools = new Set(known.tools);
  const intents = known.intents === undefined ? null : new Set(known.intents);
  const models = loadModels(documents.model, loading);
  loadCodeOperations(texts, models, { broken: loading.broken, told, problems });
  const connectors = new Set(known.connectors);
  const integrations = loadIntegrations(documents.integration, {
    models,
    connectors,
    providerLimits: known.providerLimits,
    liveWays: known.liveWays,
    newFieldWays: known.newFieldWays,
    ...loading,
  });
  const scope: Scope = { models, integrations, broken: loading.broken };
  const policies = buildPolicies(
    shapedFiles(documents.policy, policyShape, () => ({}), problems),
    {
      scope,
      tools,
      alertRoutes: project === null ? null : Object.keys(blockAt(blockIn(project, 'alerts'), 'routes')),
      reporterOf: (document) => reporterFor(document, problems),
    },
  );
  if (lost.some(({ kind }) => kind === 'policy')) loading.broken.add('saved queries');
  for (const document of documents.policy) {
    const declared = Object.keys(blockIn(document, 'saved_queries'));
    if (declared.some((name) => !policies.savedQueries.has(name))) loading.broken.add('saved queries');
  }
  const shaped =
    project === null
      ? null
      : checkShape(project, projectShape, { gantry: 1, project: 'unnamed' }, reporterFor(project, problems));
  const agents = new Map<string, AgentDeclaration>();
  for (const [name, raw] of Object.entries(shaped?.raw?.agents ?? {})) {
    if (shaped === null) continue;
    const report = reporterFor(shaped.document, problems);
    const { document } = shaped;
    agents.set(
      name,
      buildAgent(name, raw, { document, tools, intents, scope, savedQueries: policies.savedQueries, report }),
    );
  }
  if (project === null) loading.broken.add('agents');
  for (const name of Object.keys(blockIn(project, 'agents'))) {
    if (!agents.has(name)) loading.broken.add(`agent ${name}`);
  }
  const name = shaped?.raw?.project ?? 'unnamed';
  const title = shaped?.raw?.title ?? humanise(name);
  const alerts = alertsOf(shaped, { topics: known.alertTopics ?? null, problems });
  const base: Manifest = {
    project: name,
    title,
    models,
    integrations,
    agents,
    policies,
    overlays: new Map(),
    ...alerts,
    ...accessOf(shaped?.raw),
  };
  const manifest = {
    ...base,
    overlays: loadOverlays(documents.tenant, base, {
      liveWays: known.liveWays,
      newFieldWays: known.newFieldWays,
      ...loading,
    }),
  };
  return problems.length === 0 && shaped !== null
    ? { kind: 'ok', manifest, files: texts, hash: manifestHash(manifest) }
    : { kind: 'problems', problems: sortProblems(problems) };
}

function accessOf(raw: RawProject | null | undefined): Pick<Manifest, 'access'> {
  const age = raw?.defaults?.access?.max_age;
  return age === undefined ? {} : { access: { maxAgeMs: secondsIn(age) * 1_000 } };
}

function alertsOf(
  shaped: Shaped<RawProject> | null,
  { topics, problems }: { readonly topics: Iterable<string> | null; readonly problems: Problem[] },
): Pick<Manifest, 'alerts'> {
  const raw = shaped?.raw?.alerts;
  if (shaped === null || raw === undefined) return {};
  const report = reporterFor(shaped.document, problems);
  return { alerts: buildAlerts(raw, { topics: topics === null ? null : [...topics], report }) };
}

interface Loading {
  /** Names that were declared but are broken, so that nobody judges what refers to them. */
  readonly broken: Set<string>;
  readonly problems: Problem[];
}

function loadModels(documents: readonly YamlDocument[], { broken, problems }: Loading): Map<string, Model> {
  const models = new Map<string, Model>();
  const files: Shaped<RawModel>[] = [];
  for (const shaped of shapedFiles(documents, modelShape, (name) => ({ model: name, fields: {} }), problems)) {
    const name = shaped.raw?.model ?? standInName(shaped.document.file);
    if (shaped.isBroken(['model'])) broken.add(name);
    for (const field of Object.keys(blockIn(shaped.document, 'fields'))) {
      if (shaped.isBroken(['fields', field])) broken.add(`${name}.${field}`);
    }
    files.push(shaped);
    const model = buildModel(shaped, name, reporterFor(shaped.document, problems));
    if (model === null) broken.add(name);
    else addUnique(models, model, { key: 'model', name, shaped, broken, problems });
  }
  const scope = { models, integrations: new Map<string, Integration>(), broken };
  for (const model of models.values()) {
    const document = documents.find((each) => each.file === model.at.file);
    if (document !== undefined) checkModel(model, scope, reporterFor(document, problems));
  }
  // Their conditions may cross to any model.
  for (const { document, raw } of files) {
    const model = [...models.values()].find((each) => each.at.file === document.file);
    if (raw?.operations === undefined || model === undefined) continue;
    const report = reporterFor(document, problems);
    const names = Object.keys(raw.operations);
    const operations = new Map(
      Object.entries(raw.operations).map(([name, form]) => [
        name,
        buildOperation(name, form, model, { path: ['operations', name], document, scope, report, names }),
      ]),
    );
    models.set(model.name, { ...model, operations });
  }
  return models;
}

function loadIntegrations(
  documents: readonly YamlDocument[],
  loading: Loading & {
    readonly models: ReadonlyMap<string, Model>;
    readonly connectors: ReadonlySet<string>;
    readonly providerLimits: KnownNames['providerLimits'];
    readonly liveWays: KnownNames['liveWays'];
    readonly newFieldWays: KnownNames['newFieldWays'];
  },
): Map<string, Integration> {
  const { models, connectors, providerLimits, liveWays, newFieldWays, broken, problems } = loading;
  const integrations = new Map<string, Integration>();
  const scope = { models, integrations, broken };
  const stopgap = (name: string) => ({ integration: name, connector: '', trust: 'record' as const, objects: {} });
  for (const shaped of shapedFiles(documents, integrationShape, stopgap, problems)) {
    const name = shaped.raw?.integration ?? standInName(shaped.document.file);
    if (shaped.isBroken(['integration'])) broken.add(name);
    const report = reporterFor(shaped.document, problems);
    const integration = buildIntegration(shaped, {
      name,
      connectors,
      providerLimits,
      liveWays,
      newFieldWays,
      scope,
      report,
    });
    if (integration === null) broken.add(name);
    else addUnique(integrations, integration, { key: 'integration', name, shaped, broken, problems });
  }
  checkRivalClaims(integrations.values(), ({ at }) => {
    const document = documents.find((each) => each.file === at.file);
    return document === undefined ? null : reporterFor(document, problems);
  });
  return integrations;
}

function loadOverlays(
  documents: readonly YamlDocument[],
  base: Manifest,
  {
    broken,
    problems,
    liveWays,
    newFieldWays,
  }: Loading & { readonly [ways in 'liveWays' | 'newFieldWays']: KnownNames[ways] },
): Map<string, Overlay> {
  const overlays = new Map<string, Overlay>();
  for (const shaped of shapedFiles(documents, tenantShape, (name) => ({ tenant: name }), problems)) {
    const overlay = buildOverlay(shaped, {
      base,
      broken,
      liveWays,
      newFieldWays,
      report: reporterFor(shaped.document, problems),
    });
    if (overlay === null) continue;
    addUnique(overlays, overlay, { key: 'tenant', name: overlay.tenant, shaped, broken, problems });
  }
  return overlays;
}

function shapedFiles<Raw>(
  documents: readonly YamlDocument[],
  shape: z.ZodType<Raw>,
  stopgap: (name: string) => Partial<Raw>,
  problems: Problem[],
): Shaped<Raw>[] {
  return documents.map((document) =>
    checkShape(document, shape, stopgap(standInName(document.file)), reporterFor(document, problems)),
  );
}

function addUnique<Named extends Model | Integration | Overlay>(
  all: Map<string, Named>,
  named: Named,
  from: {
    readonly key: 'model' | 'integration' | 'tenant';
    readonly name: string;
    readonly shaped: Shaped<unknown>;
    readonly broken: ReadonlySet<string>;
    readonly problems: Problem[];
  },
): void {
  const { key, name, shaped, broken, problems } = from;
  const first = all.get(name);
  const isGuess = shaped.isBroken([key]);
  if (first === undefined || (broken.has(name) && !isGuess)) {
    all.set(name, named);
    return;
  }
  // Whether a name that was guessed stands twice, nobody knows.
  if (isGuess) return;
  reporterFor(
    shaped.document,
    problems,
  )({
    code: 'manifest_name_duplicate',
    path: [key],
    message: `${humanise(key)} \`${name}\` is declared in ${first.at.file}:${first.at.line} already.`,
    fix: 'Rename or remove one of them.',
  });
}

/** The block under a key of a document, whatever else is wrong with it; empty where there is none. */
function blockIn(document: YamlDocument | null, key: string): object {
  return blockAt(document?.value, key);
}

function blockAt(value: unknown, key: string): object {
  const block = (value as { readonly [key: string]: unknown } | null | undefined)?.[key];
  return typeof block === 'object' && block !== null ? block : {};
}
