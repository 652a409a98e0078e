import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorTable, limits } from '../../src/kernel/index.ts';
import { globCovers } from '../../src/manifest/glob.ts';
import { globMatches, loadProject, problemsError, readProject, renderProblem } from '../../src/manifest/index.ts';
import { edited, files, known, load, manifestOf } from './project.ts';

const codes = (project: ReadonlyMap<string, string | Uint8Array>): string[] => {
  const result = load(project);
  return result.kind === 'ok'
    ? []
    : result.problems.map((each) => `${each.file}:${each.line}:${each.column} ${each.code}`);
};

describe('a project without mistakes', () => {
  it('becomes a manifest with shorthands expanded and defaults filled in', () => {
    const manifest = manifestOf(edited({}));
    expect(manifest.title).toBe('Shop');
    expect(manifest.models.get('deal')?.fields.get('closed_on')).toEqual({
      name: 'closed_on',
      type: 'date',
      title: 'Closed on',
      why: null,
      values: null,
      reference: null,
      currency: null,
      currencyField: null,
      required: false,
      sensitive: false,
      deprecated: null,
      at: { file: 'models/deal.yaml', line: 6, column: 3 },
    });
    const crm = manifest.integrations.get('crm');
    expect(crm).toMatchObject({ mode: 'read_only', trust: 'record', alsoSync: ['*__c'], onCall: null });
    expect(crm?.objects.get('Account')?.sync).toEqual({ backfillDays: null, everyS: 300 });
    const opportunity = crm?.objects.get('Opportunity');
    expect(opportunity?.sync).toEqual({ backfillDays: 90, everyS: 300 });
    expect(opportunity?.where).toMatchObject({ kind: 'compare', op: 'eq', operand: { path: 'IsDeleted' } });
    expect(opportunity?.fields.get('amount')).toMatchObject({
      from: { kind: 'name', name: 'Amount' },
      steps: [{ kind: 'number', decimal: ',' }],
    });
    expect(opportunity?.fields.get('stage')?.steps).toEqual([
      {
        kind: 'value_map',
        map: new Map([
          ['Offen', 'open'],
          ['Gewonnen', 'won'],
        ]),
        otherwise: 'null',
      },
    ]);
    const grant = manifest.agents.get('helper')?.grant;
    expect(grant?.objects.get('deal')?.fields).toEqual(['name', 'stage']);
    expect(grant).toMatchObject({ tools: ['describe', 'query_records'], rowsMax: 50, callsPerMinute: null });
  });

  it('applies transforms written as keys in one order, those in steps as written', () => {
    const steps = (form: string): string[] => {
      const project = edited({ 'integrations/crm.yaml': [['{ from: Name, trim: true }', form]] });
      const mapping = manifestOf(project).integrations.get('crm')?.objects.get('Opportunity')?.fields.get('name');
      return mapping?.steps.map((step) => step.kind) ?? [];
    };
    expect(steps('{ default: x, lower: true, from: Name, trim: true }')).toEqual(['trim', 'lower', 'default']);
    expect(steps('{ from: Name, steps: [{ lower: true }, { trim: true }] }')).toEqual(['lower', 'trim']);
    expect(steps("{ template: '{First} {{x}}', lower: true }")).toEqual(['template', 'lower']);
  });

  it('has a hash of its meaning, not of its layout', () => {
    const hash = (project: Map<string, string>): string => {
      const result = load(project);
      return result.kind === 'ok' ? result.hash : '';
    };
    const base = hash(edited({}));
    expect(
      hash(edited({ 'models/deal.yaml': [['  name: string\n', '  # said by sales\n  name: { type: "string" }\n']] })),
    ).toBe(base);
    expect(hash(edited({ 'models/deal.yaml': [['[open, won, lost]', '[open, won, lost, gone]']] }))).not.toBe(base);
  });
});

describe('mistakes together', () => {
  it('are all reported, in the order of their places, without those that merely follow', () => {
    const project = edited({
      'gantry.yaml': [
        ['tools: [describe, query_records]', 'tools: [descibe, query_recordz]'],
        ['rows_max: 50', 'rows: 50'],
      ],
      'models/deal.yaml': [
        ['name: string', 'name: strng'],
        ['to: account', 'to: acount'],
      ],
      'integrations/crm.yaml': [
        ['connector: salesforce', 'connector: sap'],
        ['trust: record', 'trust: very'],
        ['Gewonnen: won', 'Gewonnen: wonn'],
      ],
    });
    expect(codes(project)).toEqual([
      'gantry.yaml:7:15 manifest_tool_unknown',
      'gantry.yaml:7:24 manifest_tool_unknown',
      'gantry.yaml:14:7 manifest_key_unknown',
      'integrations/crm.yaml:2:12 manifest_connector_unknown',
      'integrations/crm.yaml:3:8 manifest_value_invalid',
      'integrations/crm.yaml:20:45 manifest_enum_value_unknown',
      'models/deal.yaml:3:9 manifest_value_invalid',
      'models/deal.yaml:9:9 manifest_model_unknown',
    ]);
  });

  it('of a model whose file is no YAML do not spread to those who name it', () => {
    expect(codes(edited({ 'models/deal.yaml': [['model: deal', 'model: [deal']] }))).toEqual([
      expect.stringMatching(/^models\/deal\.yaml:.* manifest_yaml_syntax$/),
    ]);
  });

  it('include names declared twice, with the first place', () => {
    const project = edited({});
    project.set('models/trade.yaml', files['models/deal.yaml'] ?? '');
    const result = load(project);
    expect(result).toMatchObject({
      problems: [{ code: 'manifest_name_duplicate', file: 'models/trade.yaml', line: 1, column: 8 }],
    });
    if (result.kind === 'problems') expect(result.problems[0]?.message).toContain('models/deal.yaml:1');
  });

  it('become one error with every problem in it', () => {
    const result = load(
      edited({
        'gantry.yaml': [
          ['rows_max: 50', 'rows: 50'],
          ['project: shop', 'project: Shop'],
        ],
      }),
    );
    if (result.kind === 'ok') throw new Error('no problems');
    const body = problemsError(result.problems).toBody();
    expect(body).toMatchObject({ code: 'manifest_invalid', where: 'gantry.yaml:2:10', who_can_fix: 'product_team' });
    expect(body.data?.['problems']).toHaveLength(2);
    expect(renderProblem(result.problems[1] ?? result.problems[0]!)).toBe(
      'gantry.yaml:14:7 agents.helper.grant.rows: `rows` is not a key of this block. Use one of: tools, objects, saved_queries, write, operations, rows_max, calls_per_minute. Did you mean rows_max?',
    );
  });
});

describe('files', () => {
  const withFile = (file: string, content: string | Uint8Array): Map<string, string | Uint8Array> =>
    new Map<string, string | Uint8Array>(Object.entries(files)).set(file, content);

  it.each([
    ['policies/sales/limits.yaml', 'x: 1', /A project has/],
    ['tenants/acme.yml', 'x: 1', /end in \.yaml/],
    ['connectors/own.yaml', 'x: 1', /does not read connectors/],
    ['models/deal.yml', 'x: 1', /end in \.yaml/],
    ['models/sales/deal.yaml', 'x: 1', /A project has/],
    ['extra.yaml', 'x: 1', /A project has/],
  ])('that would be ignored are refused: %s', (file, content, says) => {
    const result = load(withFile(file, content));
    expect(result).toMatchObject({
      problems: [
        { code: 'manifest_file_unexpected', file, line: 1, column: 1, message: expect.stringMatching(says) as string },
      ],
    });
  });

  it('that are no UTF-8, empty or too large are refused with their place', () => {
    const latin = Buffer.concat([Buffer.from('model: x\n# gr'), Buffer.from([0xfc]), Buffer.from('n\n')]);
    expect(codes(withFile('models/x.yaml', latin))).toEqual(['models/x.yaml:2:1 manifest_file_unreadable']);
    expect(codes(withFile('models/x.yaml', '# nothing\n\n'))).toEqual(['models/x.yaml:1:1 manifest_file_unreadable']);
    expect(codes(withFile('models/x.yaml', `# ${'x'.repeat(limits.manifestFileBytesMax)}`))).toEqual([
      'models/x.yaml:1:1 manifest_file_too_large',
    ]);
  });

  it('without gantry.yaml are no project', () => {
    const project = edited({});
    project.delete('gantry.yaml');
    expect(codes(project)).toEqual(['gantry.yaml:1:1 manifest_file_missing']);
  });

  it.each([
    ['brackets', '['.repeat(200_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(100_000)],
    ['blanks', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['empty keys', '? \n: x\n: y\n{: z}: [,]\n'],
    ['an empty key', ': y\n'],
    ['keys that are no text', '{[a]: b, {c: d}: e, ~: f}\n'],
    ['aliases', `a: &a [x]\n${Array.from({ length: 2_000 }, () => 'b: [*a, *a]').join('\n')}`],
  ])('of odd YAML end as a problem, not as the end of the process: %s', (_, text) => {
    expect(codes(withFile('models/x.yaml', text)).length).toBeGreaterThan(0);
  });

  it('of any text never make the loader throw', () => {
    const lines = Object.values(files).flatMap((text) => text.split('\n'));
    const text = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'binary' })), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(files)), text, (file, content) => {
        const result = load(withFile(file, content.join('\n')));
        if (result.kind === 'ok') return;
        for (const problem of result.problems) {
          expect(errorTable[problem.code]).toBeDefined();
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are read from a directory, with what does not belong there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gantry-project-'));
    try {
      for (const folder of ['models', 'integrations', 'policies', 'tenants', 'connectors', 'node_modules'])
        await mkdir(join(directory, folder));
      for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
      await writeFile(join(directory, 'README.md'), '# Shop');
      await writeFile(join(directory, 'node_modules/x.yaml'), 'a: 1');
      const read = await readProject(directory);
      expect([...read.keys()].toSorted()).toEqual(Object.keys(files).toSorted());
      expect(loadProject(read, known).kind).toBe('ok');
      await writeFile(join(directory, 'connectors/own.yaml'), 'a: 1');
      expect(codes(await readProject(directory))).toEqual(['connectors/own.yaml:1:1 manifest_file_unexpected']);
      await expect(readProject(join(directory, 'nowhere'))).rejects.toMatchObject({ code: 'manifest_file_missing' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('globs', () => {
  it('cover each other only where every name that fits one fits the other', () => {
    const glob = fc.array(fc.constantFrom('a', '_', '*', '?'), { maxLength: 6 }).map((each) => each.join(''));
    const runs = fc.array(fc.string({ unit: fc.constantFrom('a', '_', 'x'), maxLength: 3 }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(glob, glob, runs, (outer, inner, filled) => {
        if (!globCovers(outer, inner)) return;
        const name = [...inner].map((sign, at) => ({ '*': filled[at] ?? '', '?': 'x' })[sign] ?? sign).join('');
        expect(globMatches(outer, name)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect([globCovers('*__c', 'Proj*__c'), globCovers('?__c', '*__c'), globCovers('a*', '*')]) //
      .toEqual([true, false, false]);
  });

  it('match like the same pattern spelled as a regular expression', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', '_', '*', '?'), { maxLength: 8 }).map((each) => each.join(''));
    const name = fc.array(fc.constantFrom('a', 'b', '_'), { maxLength: 10 }).map((each) => each.join(''));
    fc.assert(
      fc.property(glob, name, (pattern, text) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(globMatches(pattern, text)).toBe(same.test(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
