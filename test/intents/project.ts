import { readProject } from '../../src/manifest/index.ts';
import { projectFolder } from '../../examples/renewals/stage/open-stage.ts';

/** The renewals example, with systems that take writes and an agent that may make some. */
export async function writingProject(): Promise<Map<string, string>> {
  const files = new Map(
    [...(await readProject(projectFolder))].map(([name, text]) => [
      name,
      typeof text === 'string' ? text : new TextDecoder().decode(text),
    ]),
  );
  const edit = (file: string, find: string, replace: string): void => {
    const text = files.get(file) ?? '';
    if (text.split(find).length !== 2) throw new Error(`${file} has not one ${find}`);
    files.set(file, text.replace(find, replace));
  };
  edit(
    'integrations/crm.yaml',
    'scope: { write: [Opportunity] }',
    'scope: { write: [Opportunity, Contact, Task, Event] }',
  );
  edit(
    'integrations/crm.yaml',
    'objects:\n',
    'objects:\n  Task: { write: { operations: [create, update, delete] } }\n',
  );
  edit(
    'integrations/crm.yaml',
    '  Contact:\n    model: contact\n',
    '  Contact:\n    model: contact\n    write: { operations: [upsert] }\n',
  );
  edit(
    'integrations/crm.yaml',
    '  Event:\n    model: meeting\n',
    '  Event:\n    model: meeting\n    write: { operations: [create] }\n',
  );
  edit('integrations/support.yaml', 'mode: read_only', 'mode: autonomous\nscope: { write: [tickets, users] }');
  edit(
    'integrations/support.yaml',
    '  tickets:\n    model: ticket\n',
    '  tickets:\n    model: ticket\n    write: { operations: [create, update, delete] }\n',
  );
  edit(
    'integrations/support.yaml',
    '  users:\n    sync: { every: 15m }\n',
    '  users: { write: { operations: [upsert] } }\n',
  );
  edit(
    'integrations/erp.yaml',
    'mode: read_only',
    'mode: autonomous\nscope: { write: [crm.lead, res.partner, mail.message, mail.activity] }',
  );
  edit(
    'integrations/erp.yaml',
    'objects:\n',
    'objects:\n  mail.message: { write: { operations: [create] } }\n  mail.activity: { write: { operations: [create, delete] } }\n',
  );
  edit(
    'integrations/erp.yaml',
    '  res.partner:\n    model: account\n',
    '  res.partner:\n    model: account\n    write: { operations: [upsert] }\n',
  );
  edit(
    'integrations/erp.yaml',
    '  crm.lead:\n    model: deal\n',
    '  crm.lead:\n    model: deal\n    write: { operations: [update] }\n',
  );
  edit('integrations/calendar.yaml', 'mode: read_only', 'mode: autonomous\nscope: { write: [events] }');
  edit(
    'integrations/calendar.yaml',
    '  events:\n    model: meeting\n',
    '  events:\n    model: meeting\n    write: { operations: [create] }\n',
  );
  edit('policies/approvals.yaml', 'untrusted_text: approve', 'untrusted_text: allow');
  edit(
    'gantry.yaml',
    'agents:\n',
    `agents:
  doer:
    owner: lena.brandt@acme.example
    grant:
      tools: [describe, query_records, run_operation, prepare_write, commit_write, get_status, undo]
      objects:
        account: '*'
        deal: '*'
        crm.*: '*'
        support.*: '*'
        erp.*: '*'
        calendar.*: '*'
      write:
        deal: { operations: [update], fields: [stage] }
        crm.*: { operations: [create, update, upsert, delete] }
        support.*: { operations: [create, update, upsert, delete] }
        erp.*: { operations: [create, update, upsert, delete] }
        calendar.*: { operations: [create] }
  # Sees deals alone.
  narrow:
    grant:
      tools: [run_operation]
      objects: { deal: '*', account: '*' }
`,
  );
  return files;
}
