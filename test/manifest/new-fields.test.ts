import { describe, expect, it } from 'vitest';
import { knownNames } from '../../src/app/core.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { loadProject } from '../../src/manifest/index.ts';

const known = knownNames({ clock: systemClock, random: systemRandom });

const project = (connector: string, object: string, type: string, grant = ''): ReadonlyMap<string, string> =>
  new Map([
    ['gantry.yaml', `gantry: 1\nproject: fields\n${grant}`],
    ['models/thing.yaml', `model: thing\nfields:\n  key: { type: id, required: true }\n  extra: ${type}\n`],
    [
      'integrations/it.yaml',
      `integration: it
connector: ${connector}
trust: record
mode: gated
scope: { write: ['*'] }
objects:
  ${object}:
    model: thing
    fields: { key: id }
    write: { operations: [update], unmapped: { extra: create_field } }
`,
    ],
  ]);

const mistakes = (files: ReadonlyMap<string, string>): readonly string[] => {
  const result = loadProject(files, known);
  return result.kind === 'ok'
    ? []
    : result.problems.map(({ code, file, line, message }) => `${file}:${String(line)} ${code} ${message}`);
};

describe('unmapped: create_field', () => {
  it.each([
    ['salesforce', 'Opportunity', 'datetime'],
    ['salesforce', 'Thing__c', '{ type: enum, values: [a, b] }'],
    ['odoo', 'crm.lead', 'decimal'],
    ['zendesk', 'tickets', 'string'],
    ['zendesk', 'organizations', 'boolean'],
  ])('is taken of %s, %s, for %s', (connector, object, type) => {
    expect(mistakes(project(connector, object, type))).toEqual([]);
  });

  it.each([
    ['google_calendar', 'events', 'string', '`google_calendar` makes no fields.'],
    ['zendesk', 'groups', 'string', '`zendesk` makes no fields of `groups`.'],
    ['zendesk', 'tickets', 'datetime', '`zendesk` makes no fields for values of type datetime.'],
    ['salesforce', 'Opportunity', 'json', '`salesforce` makes no fields for values of type json.'],
  ])('is a mistake of %s, %s, for %s', (connector, object, type, message) => {
    expect(mistakes(project(connector, object, type))).toEqual([
      `integrations/it.yaml:10 manifest_create_field_unsupported ${message}`,
    ]);
  });

  it('has intents granted by names that there are', () => {
    const grant = (name: string): string =>
      `agents:\n  a: { grant: { tools: [run_operation], objects: { thing: '*' }, operations: [${name}] } }\n`;
    expect(mistakes(project('odoo', 'crm.lead', 'string', grant('create_task')))).toEqual([]);
    expect(mistakes(project('odoo', 'crm.lead', 'string', grant('create_tsk')))).toEqual([
      expect.stringContaining('There is no operation `create_tsk`.'),
    ]);
  });
});
