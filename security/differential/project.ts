import { parseDocument } from 'yaml';
import { projectFolder } from '../../examples/renewals/stage/open-stage.ts';
import { readProject, type ProjectFiles } from '../../src/manifest/index.ts';
import type { System } from './system.ts';

/** Sees everything, and acts for anybody. */
export const AGENT = 'parity-agent';

const tools = [
  'search_catalog',
  'describe',
  'query_records',
  'query_sql',
  'get_record',
  'list_connections',
  'prepare_write',
];
const verbs = ['create', 'update', 'delete'];
const models = ['account', 'contact', 'deal', 'meeting', 'ticket', 'user'];

/** The example with an agent that sees everything and acts for users, and with these objects of the providers. */
export async function projectFor(systems: readonly System[]): Promise<ProjectFiles> {
  const files = new Map(await readProject(projectFolder));
  const edit = (name: string, change: (document: ReturnType<typeof parseDocument>) => void): void => {
    const document = parseDocument(Buffer.from(files.get(name) ?? '').toString('utf8'));
    change(document);
    files.set(name, document.toString());
  };
  edit('gantry.yaml', (document) => {
    const objects = Object.fromEntries(
      [...models, ...systems.map(({ integration }) => `${integration}.*`)].map((name) => [name, '*']),
    );
    const written = systems.flatMap(({ integration, writing }) =>
      Object.keys(writing?.fields ?? {}).map(
        (object) => [`${integration}.${object}`, { operations: [...verbs] }] as const,
      ),
    );
    const write = written.length === 0 ? {} : { write: Object.fromEntries(written) };
    const grant = { tools, objects, ...write, rows_max: 1_000, calls_per_minute: 100_000 };
    document.setIn(
      ['agents', AGENT],
      document.createNode({ title: 'Acts for everybody', owner: 'lena.brandt@acme.example', acts_for: 'both', grant }),
    );
  });
  // What is sensitive has to be granted by name; here nothing but the provider's own rights is to decide.
  for (const model of ['account', 'contact'])
    edit(`models/${model}.yaml`, (document) => document.deleteIn(['fields', 'phone', 'sensitive']));
  for (const { integration, objects, callLimits, writing } of systems) {
    edit(`integrations/${integration}.yaml`, (document) => {
      if (integration === 'crm') document.delete('also_sync');
      if (Object.keys(callLimits).length > 0) document.set('limits', document.createNode(callLimits));
      for (const object of objects) {
        if (!document.hasIn(['objects', object]))
          document.setIn(['objects', object], document.createNode({ sync: { every: '5m' } }));
      }
      if (writing === undefined) return;
      document.set('mode', 'gated');
      document.set('scope', document.createNode({ write: Object.keys(writing.fields) }));
      for (const object of Object.keys(writing.fields))
        document.setIn(['objects', object, 'write'], document.createNode({ operations: [...verbs] }));
    });
  }
  if (systems.some(({ integration }) => integration === 'support')) {
    edit('models/account.yaml', (document) => document.set('match', document.createNode(['crm_id'])));
    edit('integrations/support.yaml', (document) => {
      document.setIn(['objects', 'organizations', 'model'], 'account');
      document.setIn(['objects', 'organizations', 'fields'], document.createNode(organizationFields));
    });
  }
  return files;
}

/** Accounts are in both systems then; what the CRM hides of one, the help desk may show. */
const organizationFields = { crm_id: 'external_id', name: 'name', industry: 'name' };
