import { writingProject } from '../intents/project.ts';

/** Deals with a risk and tickets with a note that no customer's system has a field for, and people who agree. */
export async function fieldProject(
  more: readonly (readonly [file: string, find: string, replace: string])[] = [],
): Promise<Map<string, string>> {
  const files = await writingProject();
  const edits: readonly (readonly [string, string, string])[] = [
    [
      'models/deal.yaml',
      '  next_step: string\n',
      '  next_step: string\n  churn_risk: { type: enum, values: [low, high], title: Churn risk }\n',
    ],
    [
      'models/ticket.yaml',
      '  escalated: boolean\n',
      '  escalated: boolean\n  churn_note: { type: string, title: Churn note }\n',
    ],
    ['models/account.yaml', '  city: ', '  churn_score: { type: integer, title: Churn score }\n  city: '],
    // Where the field will be: read from there as soon as it is.
    [
      'integrations/crm.yaml',
      '      next_step: NextStep\n',
      '      next_step: NextStep\n      churn_risk: Churn_Risk__c\n',
    ],
    [
      'integrations/crm.yaml',
      '    write: { operations: [update] }\n    fields:\n      crm_id: Id\n      name: Name\n      stage',
      '    write: { operations: [update], unmapped: { churn_risk: create_field } }\n    fields:\n      crm_id: Id\n      name: Name\n      stage',
    ],
    [
      'integrations/support.yaml',
      '    write: { operations: [create, update, delete] }\n',
      '    write: { operations: [create, update, delete], unmapped: { churn_note: create_field } }\n',
    ],
    [
      'integrations/erp.yaml',
      '    write: { operations: [upsert] }\n',
      '    write: { operations: [update, upsert], unmapped: { churn_score: create_field } }\n',
    ],
    [
      'gantry.yaml',
      '        deal: { operations: [update], fields: [stage] }\n',
      '        deal: { operations: [update], fields: [stage, churn_risk] }\n        ticket: { operations: [update] }\n        account: { operations: [update] }\n',
    ],
    ['gantry.yaml', "        deal: '*'\n        crm.*", "        deal: '*'\n        ticket: '*'\n        crm.*"],
    ...more,
  ];
  for (const [file, find, replace] of edits) {
    const text = files.get(file) ?? '';
    if (text.split(find).length < 2) throw new Error(`${file} has no ${find}`);
    files.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return files;
}
