import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { compareOps } from '../../src/filter/parse-filter.ts';
import { measureOps } from '../../src/filter/parse-operand.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { loadProject, renderProblem, units, type KnownNames, type Manifest } from '../../src/manifest/index.ts';
import { applySteps } from '../../src/mapping/apply-steps.ts';
import { planMapping } from '../../src/mapping/plan-mapping.ts';
import { toolNames } from '../../src/mcp/tools/names.ts';
import type { FieldType, NativeObject } from '../../src/schema/index.ts';
import { kindOf } from './project.ts';

/** The page that explains the project format: what it shows must be true of the program beside it. */
const page = await readFile('docs/manifest.md', 'utf8');

const known: KnownNames = {
  connectors: ['salesforce', 'zendesk'],
  tools: toolNames,
};

interface Fence {
  readonly info: string;
  readonly text: string;
}

const fences: readonly Fence[] = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({
  info,
  text,
}));

const documented = new Map(fences.map(({ info, text }) => [info.replace(/^yaml /, ''), text]));

function manifestOf(files: ReadonlyMap<string, string>): Manifest {
  const result = loadProject(files, known);
  if (result.kind === 'problems') throw new Error(result.problems.map(renderProblem).join('\n'));
  return result.manifest;
}

/** Cells of the body rows of the table whose first column is headed so. */
function rowsOf(heading: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `));
  if (start === -1) throw new Error(`the page has no table headed ${heading}`);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** What stands in a cell as code. */
const codeIn = (cell: string | undefined): string => /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';

/** Everything that the page sets as code, outside fences. */
const codes = new Set(
  [...page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
);

describe('the project on the page', () => {
  it('has no fenced block without a file name, and one block a file', () => {
    for (const { info } of fences)
      expect(info).toMatch(/^yaml (gantry|(models|integrations|policies|tenants)\/\w+)\.yaml$/);
    expect(documented.size).toBe(fences.length);
    expect(fences.length).toBeGreaterThan(5);
  });

  it('is accepted whole', () => {
    const manifest = manifestOf(documented);
    expect([...manifest.models.keys()]).toEqual(['account', 'deal', 'ticket']);
    expect([...manifest.integrations.keys()]).toEqual(['crm', 'support']);
    expect([...manifest.agents.keys()]).toEqual(['copilot', 'triage-bot']);
    expect([...manifest.policies.savedQueries.keys()]).toEqual(['deals_of_status']);
    expect([...manifest.overlays.keys()]).toEqual(['acme']);
  });

  it('fits the JSON Schemas', async () => {
    const ajv = new Ajv2020({ strict: false });
    for (const [file, text] of documented) {
      const validate = ajv.compile(await schema(kindOf(file)));
      expect(validate(parse(text)), `${file}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });
});

const schema = async (kind: string): Promise<JsonObject> =>
  JSON.parse(await readFile(`docs/schemas/${kind}.json`, 'utf8')) as JsonObject;

/** Keys that people write, and the words that a key accepts, anywhere below a schema. */
function wordsOf(node: Json, words: Set<string>): Set<string> {
  if (Array.isArray(node)) for (const item of node) wordsOf(item, words);
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return words;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') for (const name of Object.keys(value as JsonObject)) words.add(name);
    if (key === 'enum') for (const each of value as string[]) words.add(each);
    wordsOf(value, words);
  }
  return words;
}

describe.each(['project', 'model', 'integration', 'policy', 'tenant'])(
  'the page explains every key and word of the schema %s',
  (kind) => {
    it('as code of its own', async () => {
      const words = [...wordsOf(await schema(kind), new Set())];
      expect(words.length).toBeGreaterThan(9);
      expect(words.filter((word) => !codes.has(word))).toEqual([]);
    });
  },
);

it('the page names every tool', () => {
  expect(toolNames.filter((tool) => !codes.has(tool))).toEqual([]);
});

describe('the table of transforms', () => {
  const rows = rowsOf('Transform');

  it('has every transform', async () => {
    const blocks = JSON.stringify(rows.map((cells) => parse(codeIn(cells[1])) as Json));
    const mapping = await schema('integration');
    const keys = [...wordsOf(mapping, new Set())];
    const transforms = [
      'lookup',
      'concat',
      'json_path',
      'split',
      'money',
      'midpoint',
      'unit',
      'trim',
      'lower',
      'email_domain',
      'number',
      'date',
      'value_map',
      'otherwise',
      'default',
    ];
    for (const key of [...transforms, 'constant', 'template', 'steps']) {
      expect(keys).toContain(key);
      expect(blocks).toContain(`"${key}":`);
    }
  });

  it.each(rows.map((cells) => [cells.slice(0, 2).join(': '), cells] as const))('is true of %s', (_, cells) => {
    const [, mapping, type, record, result] = cells.map(codeIn);
    expect(mapOne({ mapping: mapping ?? '', type: type as FieldType, record: JSON.parse(record ?? '') as JsonObject })) //
      .toEqual(JSON.parse(result ?? ''));
  });
});

/** The record that the lookup of the table finds. */
const organization = { id: '35', external_id: '001A' };

/** Runs one mapping as a project has it over one native record. */
function mapOne({ mapping, type, record }: { mapping: string; type: FieldType; record: JsonObject }): Json {
  const manifest = manifestOf(
    new Map([
      ['gantry.yaml', 'gantry: 1\nproject: one\n'],
      ['models/thing.yaml', `model: thing\nfields: { value: ${type} }\n`],
      [
        'integrations/crm.yaml',
        `integration: crm
connector: salesforce
trust: record
objects:
  Thing: { model: thing, fields: { value: ${mapping} } }
  organizations: {}
`,
      ],
    ]),
  );
  const target = manifest.models.get('thing')?.fields.get('value');
  const field = manifest.integrations.get('crm')?.objects.get('Thing')?.fields.get('value');
  if (target === undefined || field === undefined) throw new Error('both are declared');
  const organizations = nativeObject('organizations', organization);
  const planned = planMapping(field, target, nativeObject('Thing', record), () => organizations);
  if (planned.kind === 'unfit') throw new Error(planned.mistake.message);
  return applySteps({
    plan: planned.plan,
    target,
    scale: 2,
    onMissing: field.onMissing,
    document: record,
    lookup: (step, key) =>
      step.kind === 'lookup' && step.key === 'id' && step.take === 'external_id' && key === '35' ? '001A' : null,
  });
}

function nativeObject(name: string, record: JsonObject): NativeObject {
  const fields = Object.entries(record).map(([key, value]) => ({
    name: key,
    label: key,
    type: typeof value === 'number' ? ('integer' as const) : ('string' as const),
    nativeType: typeof value,
    nullable: true,
    custom: false,
    writable: true,
  }));
  return { name, label: name, custom: false, idField: 'id', linkTemplate: null, fields };
}

it('the page names every unit', () => {
  expect([...units.keys()].filter((unit) => !codes.has(unit))).toEqual([]);
});

describe('the table of filters', () => {
  let project: { agents: { copilot: { grant: { objects: { [name: string]: unknown } } } } };
  beforeAll(() => {
    project = parse(documented.get('gantry.yaml') ?? '') as typeof project;
  });

  const filters = rowsOf('Filter').flatMap((cells) =>
    [...cells.join(' ').matchAll(/`(\{[^`]*\})`/g)].map(([, code = '']) => code),
  );

  it('comes with every operator and measure there is', () => {
    expect([...compareOps, ...measureOps].filter((word) => !codes.has(word))).toEqual([]);
    expect(filters.length).toBeGreaterThan(12);
  });

  it.each(filters)('is accepted as the row filter of a grant: %s', (filter) => {
    project.agents.copilot.grant.objects['deal'] = { where: parse(filter) as unknown };
    const manifest = manifestOf(new Map(documented).set('gantry.yaml', stringify(project)));
    expect(manifest.agents.get('copilot')?.grant.objects.get('deal')?.where).not.toBeNull();
  });
});
