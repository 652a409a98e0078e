import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/manifest/index.ts';
import { edited, files, load } from './project.ts';

const deal = 'models/deal.yaml';

/** `find` in models/deal.yaml becomes `wrong`; « stands before the place that must be named, and is taken out. */
interface Broken {
  readonly name: string;
  readonly find: string;
  readonly wrong: string;
  readonly says: string;
  readonly fix: RegExp;
}

const broken: readonly Broken[] = [
  {
    name: 'a text with a colon',
    find: '  closed_on: date',
    wrong: '  closed_on:\n    type: date\n    why: «Where it stands: at_risk # as sales says',
    says: 'The text `Where it stands: at_risk` has a colon in it, and it has no quotes.',
    fix: /^Put the whole text in quotes/,
  },
  {
    name: 'a text that ends with a colon',
    find: '  name: string',
    wrong: '  name: «Note:\n    type: string',
    says: 'The text `Note:` has a colon in it, and it has no quotes.',
    fix: /quotes/,
  },
  {
    name: 'a text with a colon between braces',
    find: '{ type: decimal, currency: EUR }',
    wrong: '{ type: decimal, why: «In euro: always }',
    says: '`In euro: always` is read as one value: a comma is missing in it, or quotes around it.',
    fix: /commas.* quotes/,
  },
  {
    name: 'no comma between braces',
    find: '{ type: decimal, currency: EUR }',
    wrong: '{ type: «decimal currency: EUR }',
    says: '`decimal currency: EUR` is read as one value: a comma is missing in it, or quotes around it.',
    fix: /commas.* quotes/,
  },
  {
    name: 'no comma between braces over several lines',
    find: '{ type: decimal, currency: EUR }',
    wrong: '{\n    type: «decimal\n    currency: EUR\n  }',
    says: '`decimal currency: EUR` is read as one value: a comma is missing in it, or quotes around it.',
    fix: /commas/,
  },
  {
    name: 'no comma after a list between braces',
    find: '{ type: enum, values: [open, won, lost] }',
    wrong: '{ values: [open, won, lost] «type: enum }',
    says: 'There is no comma before `type: enum }`.',
    fix: /commas/,
  },
  {
    name: 'no comma between quoted texts',
    find: '[open, won, lost]',
    wrong: "['open' «'won']",
    says: "There is no comma before `'won'] }`.",
    fix: /commas/,
  },
  {
    name: 'a comma too many',
    find: '[open, won, lost]',
    wrong: '[open,«, won]',
    says: 'There is nothing before this comma.',
    fix: /comma/,
  },
  {
    name: 'tabs in many lines',
    find: '    type: reference\n    to: account\n    on: crm_id\n',
    wrong: '«\ttype: reference\n\tto: account\n\ton: crm_id\n',
    says: 'A line is indented with a tab.',
    fix: /spaces/,
  },
  {
    name: 'a line that is indented too deep',
    find: '  closed_on: date',
    wrong: '\n     «closed_on: date',
    says: 'The line is not indented like the lines of its block.',
    fix: /indentation/,
  },
  {
    name: 'a line that is indented below a value',
    find: '  name: string\n',
    wrong: '  name: string\n   «title: Name\n',
    says: 'The line is indented deeper than its block.',
    fix: /indentation/,
  },
  {
    name: 'a line that is not indented enough',
    find: '  closed_on: date',
    wrong: ' «closed_on: date',
    says: 'The line is not indented like the lines of its block.',
    fix: /indentation/,
  },
  {
    name: 'a double quote that is never closed',
    find: 'name: string',
    wrong: 'name: «"string',
    says: 'The quote that opens here is never closed.',
    fix: /^Close the quote/,
  },
  {
    name: 'a single quote that is never closed, between braces',
    find: 'currency: EUR }',
    wrong: "currency: «'EUR }",
    says: 'The quote that opens here is never closed.',
    fix: /^Close the quote/,
  },
  {
    name: 'a quote that the next one closes',
    find: '{ type: decimal, currency: EUR }',
    wrong: "{\n    type: «'decimal,\n    currency: 'EUR' }",
    says: 'The quote that opens here is closed only on a later line.',
    fix: /^Close the quote/,
  },
  {
    name: 'a quote inside single quotes',
    find: 'name: string',
    wrong: "name: 'it'«s'",
    says: "`s'` stands after the quote is closed.",
    fix: /twice/,
  },
  {
    name: 'a list that is not closed',
    find: '[open, won, lost] }',
    wrong: '«[open, won, lost }',
    says: 'The `[` that stands here is not closed.',
    fix: /Close it/,
  },
  {
    name: 'a brace that is not closed',
    find: '{ type: decimal, currency: EUR }',
    wrong: '«{ type: decimal, currency: EUR',
    says: 'The `{` that stands here is not closed.',
    fix: /Close it/,
  },
  {
    name: 'a brace that was never opened',
    find: '{ type: decimal, currency: EUR }',
    wrong: '{ type: decimal, currency: EUR }«}',
    says: '`}` closes what was never opened.',
    fix: /Remove it/,
  },
  {
    name: 'no space after the colon',
    find: '  name: string',
    wrong: '  «name:string',
    says: '`name:string` stands where a key is expected, and has no colon with a space.',
    fix: /`key: value`/,
  },
  {
    name: 'a list on the line of its key',
    find: '{ type: enum, values: [open, won, lost] }',
    wrong: '«- open\n    - won',
    says: 'A list with `- ` begins on the line of its key.',
    fix: /next line/,
  },
  {
    name: 'a text that starts with a sign that YAML keeps for itself',
    find: 'name: string',
    wrong: 'name: «@string',
    says: 'A text cannot start with `@` unless it has quotes.',
    fix: /quotes/,
  },
  {
    name: 'a backslash between double quotes',
    find: 'name: string',
    wrong: 'name: "«\\d"',
    says: '`\\d` means nothing between double quotes.',
    fix: /single quotes/,
  },
  {
    name: 'a comment without a space',
    find: 'name: string',
    wrong: "name: 'string'«#c",
    says: 'There is no space before `#`.',
    fix: /space/,
  },
];

const problemsOf = (project: ReadonlyMap<string, string>): readonly Problem[] => {
  const result = load(project);
  return result.kind === 'ok' ? [] : result.problems;
};

describe('a file that is no YAML has one problem: the cause, in plain words, at its place', () => {
  it.each(broken)('$name', ({ find, wrong, says, fix }) => {
    const changed = edited({ [deal]: [[find, wrong]] });
    const marked = changed.get(deal) ?? '';
    changed.set(deal, marked.replace('«', ''));
    const before = marked.slice(0, marked.indexOf('«')).split('\n');
    expect(problemsOf(changed)).toEqual([
      {
        code: 'manifest_yaml_syntax',
        file: deal,
        line: before.length,
        column: (before.at(-1) ?? '').length + 1,
        path: '',
        message: says,
        fix: expect.stringMatching(fix) as string,
        suggestions: [],
      },
    ]);
  });

  it('however it is broken', () => {
    const text = files[deal] ?? '';
    const signs = fc.constantFrom(
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ': ',
      '\t',
      '\n',
      ' ',
      '- ',
      '#',
      '&',
      '*',
      '!',
      '|',
      '%',
      '@',
      '? ',
      '---\n',
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(6), fc.array(signs, { maxLength: 3 }), (at, cut, put) => {
        const wrong = text.slice(0, at) + put.join('') + text.slice(at + cut);
        const found = problemsOf(new Map(Object.entries({ ...files, [deal]: wrong })));
        const syntax = found.filter(({ code }) => code === 'manifest_yaml_syntax');
        expect(syntax.length).toBeLessThanOrEqual(1);
        const lines = wrong.split('\n');
        for (const { line, column, message, fix } of syntax) {
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(`${message} ${fix}`).not.toMatch(/implicit|mapping|scalar|flow|token|indicator|collection/i);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('filters', () => {
  it('name every wrong operator and value where it stands, with the operators there are', () => {
    const changed = edited({
      'gantry.yaml': [
        [
          'where: { stage: { ne: lost } }',
          'where:\n            stage: { neq: lost, in: lost }\n            or: [{ account.name: { like: A } }, { field: amount, op: above, value: 1 }]',
        ],
      ],
    });
    const at = 'agents.helper.grant.objects.deal.where';
    const operators = 'Use one of: eq, ne, in, lt, lte, gt, gte, contains, starts_with, is_null.';
    expect(
      problemsOf(changed).map(({ line, column, path, fix, suggestions }) => [line, column, path, fix, suggestions]),
    ).toEqual([
      [13, 22, `${at}.stage.neq`, operators, ['ne']],
      [13, 37, `${at}.stage.in`, 'Write the value as the message says.', []],
      [14, 36, `${at}.or[0]["account.name"].like`, operators, ['contains', 'starts_with']],
      [14, 70, `${at}.or[1].op`, operators, []],
    ]);
  });

  it('without an operator list the operators too', () => {
    const changed = edited({ 'integrations/crm.yaml': [['where: { IsDeleted: false }', 'where: { IsDeleted: {} }']] });
    expect(problemsOf(changed)).toMatchObject([
      {
        line: 15,
        column: 14,
        path: 'objects.Opportunity.where.IsDeleted',
        fix: expect.stringMatching(/^Use one of: eq,/) as string,
      },
    ]);
  });
});
