import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { files, load } from './project.ts';

describe('a file whose name cannot stand in for the one it should declare', () => {
  interface NameCase {
    readonly name: string;
    readonly file: string;
    readonly text: string;
    readonly problem: object;
  }
  const cases: readonly NameCase[] = [
    {
      name: 'a model declared with a capital',
      file: 'models/Lead.yaml',
      text: 'model: Lead\nfields: { name: string }\n',
      problem: { code: 'manifest_name_invalid', path: 'model', line: 1, column: 8, suggestions: ['lead'] },
    },
    {
      name: 'a model that declares no name',
      file: 'models/Lead.yaml',
      text: 'fields: { name: string }\n',
      problem: { code: 'manifest_key_missing', path: 'model', suggestions: ['lead'] },
    },
    {
      name: 'an integration with a hyphen',
      file: 'integrations/My-CRM.yaml',
      text: 'integration: My-CRM\nconnector: salesforce\ntrust: record\nobjects: {}\n',
      problem: { code: 'manifest_name_invalid', path: 'integration', line: 1, column: 14, suggestions: ['my_crm'] },
    },
    {
      name: 'an integration of which nothing but its file is named',
      file: 'integrations/42.yaml',
      text: 'title: CRM\n',
      problem: { code: 'manifest_key_missing', path: 'integration', suggestions: [] },
    },
    {
      name: 'a model named like what every object has',
      file: 'models/__proto__.yaml',
      text: 'model: __proto__\nfields: { name: string }\n',
      problem: { code: 'manifest_name_invalid', path: 'model', suggestions: ['proto'] },
    },
  ];
  it.each(cases)('$name', ({ file, text, problem }) => {
    const result = load(new Map([...Object.entries(files), [file, text]]));
    if (result.kind !== 'problems') throw new Error('the mistake was not noticed');
    expect(result.problems).toContainEqual(expect.objectContaining({ file, ...problem }));
    expect(new Set(result.problems.map((each) => each.file))).toEqual(new Set([file]));
  });

  it('is read on: every other mistake in it is told too', () => {
    const text = 'model: Lead\nfields:\n  name: string\n  status: { type: enum }\n';
    const result = load(new Map([...Object.entries(files), ['models/Lead.yaml', text]]));
    if (result.kind !== 'problems') throw new Error('the mistake was not noticed');
    expect(result.problems.map((each) => [each.code, each.path])).toEqual([
      ['manifest_name_invalid', 'model'],
      ['manifest_key_missing', 'fields.status.values'],
    ]);
  });

  it('does not count as declared twice beside a file that declares it', () => {
    const result = load(new Map([...Object.entries(files), ['models/Deal.yaml', 'fields: { name: string }\n']]));
    if (result.kind !== 'problems') throw new Error('the mistake was not noticed');
    expect(result.problems.map((each) => [each.file, each.code, each.path])).toEqual([
      ['models/Deal.yaml', 'manifest_key_missing', 'model'],
    ]);
  });

  it('ends for any text in the place of a name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.constantFrom('model', 'label', 'title', 'fields'), (text, key) => {
        const file = `models/${text.replaceAll('/', '')}.yaml`;
        const result = load(new Map([...Object.entries(files), [file, `${key}: ${JSON.stringify(text)}\n`]]));
        expect(result.kind).toBe('problems');
      }),
    );
  });
});
