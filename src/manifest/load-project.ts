import type { z } from 'zod';
import { buildAgent } from './build-agent.ts';
import { buildIntegration } from './build-integration.ts';
import { buildModel, humanise } from './build-model.ts';
import { checkModel } from './check-models.ts';
import { checkShape, type Shaped } from './check-shape.ts';
import { decodeFile } from './decode-file.ts';
import { parseYaml, reporterFor, type YamlDocument } from './document.ts';
import { fileKind } from './file-kind.ts';
import { manifestHash } from './manifest-json.ts';
import { standInName } from './name-from.ts';
import { sortProblems, type Problem } from './problem.ts';
import type { KnownNames, LoadResult, ProjectFiles } from './project.ts';
import { integrationShape } from './shapes/integration-shape.ts';
import { modelShape } from './shapes/model-shape.ts';
import { projectShape, type RawProject } from './shapes/project-shape.ts';
import type { AgentDeclaration, Integration, Manifest, Model } from './types.ts';

/**
 * Files to a validated manifest, or every mistake in them, sorted by place.
 * Pure: the same files and names always give the same result.
 */
export function loadProject(files: ProjectFiles, known: KnownNames): LoadResult {
  const problems: Problem[] = [];
  const read = readFiles(files, problems);
  const broken = new Set<string>(read.lost);
  const connectors = new Set(known.connectors);
  const models = new Map<string, Model>();
  for (const shaped of shapedFiles(read.models, modelShape, (name) => ({ model: name, fields: {} }), problems)) {
    const name = shaped.raw?.model ?? standInName(shaped.document.file);
    if (shaped.isBroken(['model'])) broken.add(name);
    for (const field of Object.keys(fieldsOf(shaped.document))) {
      if (shaped.isBroken(['fields', field])) broken.add(`${name}.${field}`);
    }
    const model = buildModel(shaped, name, reporterFor(shaped.document, problems));
    if (model === null) broken.add(name);
    else addUnique(models, model, { key: 'model', shaped, broken, problems });
  }
  const integrations = new Map<string, Integration>();
  const scope = { models, integrations, broken };
  for (const model of models.values()) {
    const document = read.models.find((each) => each.file === model.at.file);
    if (document !== undefined) checkModel(model, scope, reporterFor(document, problems));
  }
  for (const shaped of shapedFiles(
    read.integrations,
    integrationShape,
    (name) => ({ integration: name, connector: '', trust: 'record' as const, objects: {} }),
    problems,
  )) {
    const name = shaped.raw?.integration ?? standInName(shaped.document.file);
    if (shaped.isBroken(['integration'])) broken.add(name);
    const report = reporterFor(shaped.document, problems);
    const integration = buildIntegration(shaped, { name, connectors, scope, report });
    if (integration === null) broken.add(name);
    else addUnique(integrations, integration, { key: 'integration', shaped, broken, problems });
  }
  const agents = new Map<string, AgentDeclaration>();
  const project = shapeProject(read.project, problems);
  if (project !== null && project.raw !== null) {
    const { document, raw } = project;
    const context = { document, tools: new Set(known.tools), scope, report: reporterFor(document, problems) };
    for (const [name, agent] of Object.entries(raw.agents ?? {})) agents.set(name, buildAgent(name, agent, context));
    if (problems.length === 0) {
      const manifest: Manifest = {
        project: raw.project,
        title: raw.title ?? humanise(raw.project),
        models,
        integrations,
        agents,
        policies: { savedQueries: new Map(), rates: null, history: { keepDays: 90 } },
        overlays: new Map(),
      };
      return { kind: 'ok', manifest, files: read.texts, hash: manifestHash(manifest) };
    }
  }
  return { kind: 'problems', problems: sortProblems(problems) };
}

interface ReadFiles {
  readonly project: YamlDocument | null;
  readonly models: readonly YamlDocument[];
  readonly integrations: readonly YamlDocument[];
  readonly texts: ReadonlyMap<string, string>;
  /** Names of models and integrations whose files are no YAML. */
  readonly lost: readonly string[];
}

function readFiles(files: ProjectFiles, problems: Problem[]): ReadFiles {
  const documents: { [kind in 'project' | 'model' | 'integration']: YamlDocument[] } = {
    project: [],
    model: [],
    integration: [],
  };
  const texts = new Map<string, string>();
  const lost: string[] = [];
  for (const [file, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const kind = fileKind(file, problems);
    if (kind === null) continue;
    const text = decodeFile(file, content, problems);
    const document = text === null ? null : parseYaml(file, text, problems);
    if (text !== null) texts.set(file, text);
    if (document === null) lost.push(standInName(file));
    else documents[kind].push(document);
  }
  if (!files.has('gantry.yaml')) {
    problems.push({
      code: 'manifest_file_missing',
      file: 'gantry.yaml',
      line: 1,
      column: 1,
      path: '',
      message: 'The project has no gantry.yaml.',
      fix: 'Create it with `gantry: 1` and `project: <name>`, and start in its directory.',
      suggestions: [],
    });
  }
  const [project = null] = documents.project;
  return { project, models: documents.model, integrations: documents.integration, texts, lost };
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

const shapeProject = (document: YamlDocument | null, problems: Problem[]): Shaped<RawProject> | null =>
  document === null
    ? null
    : checkShape(document, projectShape, { gantry: 1, project: 'unnamed' }, reporterFor(document, problems));

function addUnique<Named extends Model | Integration>(
  all: Map<string, Named>,
  named: Named,
  from: {
    readonly key: 'model' | 'integration';
    readonly shaped: Shaped<unknown>;
    readonly broken: ReadonlySet<string>;
    readonly problems: Problem[];
  },
): void {
  const { key, shaped, broken, problems } = from;
  const first = all.get(named.name);
  const isGuess = shaped.isBroken([key]);
  if (first === undefined || (broken.has(named.name) && !isGuess)) {
    all.set(named.name, named);
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
    message: `${humanise(key)} \`${named.name}\` is declared in ${first.at.file}:${first.at.line} already.`,
    fix: 'Rename or remove one of them.',
  });
}

function fieldsOf({ value }: YamlDocument): object {
  const fields = (value as { readonly fields?: unknown }).fields;
  return typeof fields === 'object' && fields !== null ? fields : {};
}
