import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { connectAgent, type Agent } from '../../../examples/renewals/demo/agent.ts';
import { openStage, projectFolder, type Stage } from '../../../examples/renewals/stage/open-stage.ts';
import { readProject, type ProjectFiles } from '../../../src/manifest/index.ts';

/** A service whose systems take writes, two agents that obey whatever they read, and one whose plans are none of theirs. */
export interface WritingStage extends Stage {
  readonly agents: Readonly<Record<Writer, { readonly key: string; readonly agent: Agent }>>;
  readonly close: () => Promise<void>;
}

/**
 * `reader` is shown free text of strangers, so that policy has people approve
 * all that it writes; `desk` is not, and may move a little by itself; `other`
 * has plans that only it may commit.
 */
export type Writer = (typeof writers)[number];
const writers = ['reader', 'desk', 'other'] as const;

const tools = [
  'query_records',
  'query_sql',
  'get_record',
  'describe',
  'prepare_write',
  'run_operation',
  'commit_write',
  'get_status',
  'undo',
];
const open = { stage: { ne: 'lost' } };

const grants = {
  reader: {
    objects: {
      account: { fields: ['crm_id', 'name', 'city'] },
      contact: { fields: ['crm_id', 'name', 'job_title', 'account', 'email'] },
      deal: { fields: ['crm_id', 'name', 'stage', 'amount', 'next_step', 'close_date', 'account'], where: open },
      ticket: { fields: ['ticket_id', 'subject', 'description', 'status', 'account'] },
      'crm.Opportunity': {
        fields: ['Id', 'Name', 'NextStep', 'AccountId'],
        where: { Vertriebsphase__c: { ne: 'Verloren' } },
      },
      'crm.Task': { fields: ['Id', 'Subject', 'Status'] },
    },
    write: {
      deal: { operations: ['create', 'update', 'upsert', 'delete'], where: open },
      contact: { operations: ['create', 'update', 'upsert', 'delete'] },
      ticket: { operations: ['create', 'update'] },
      'crm.Opportunity': { operations: ['update'], fields: ['NextStep'] },
      'crm.Task': { operations: ['create', 'update', 'delete'] },
    },
    operations: ['deal.change_value'],
  },
  desk: {
    objects: {
      account: { fields: ['crm_id', 'name'] },
      deal: { fields: ['crm_id', 'name', 'stage', 'amount', 'next_step', 'account'], where: open },
    },
    write: { deal: { operations: ['update'], fields: ['amount', 'next_step'], where: open } },
    operations: ['deal.change_value'],
  },
  other: {
    objects: { deal: { fields: ['crm_id', 'name', 'stage', 'next_step'] } },
    write: { deal: { operations: ['update'], fields: ['next_step'] } },
  },
} satisfies Record<Writer, object>;

/** `prepare`: what happens in the customer's systems before they are connected. */
export async function openWritingStage(prepare: (stage: Stage) => Promise<void>): Promise<WritingStage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-injection-'));
  const options = { scale: 2_000, seed: 23, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' };
  const stage = await openStage(options);
  const opened: Agent[] = [];
  const close = async (): Promise<void> => {
    for (const agent of opened) await agent.close();
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { acme, gantry, url } = stage;
    await prepare(stage);
    await gantry.revisions.apply({ files: await withWriters(), author: 'test', message: 'agents that write' });
    await acme.connectAll();
    const connected = async (name: Writer) => {
      const key = await acme.keyFor(name);
      const agent = await connectAgent(url, key);
      opened.push(agent);
      return { key, agent };
    };
    const agents = {
      reader: await connected('reader'),
      desk: await connected('desk'),
      other: await connected('other'),
    };
    const found = await gantry.callers.find(agents.reader.key);
    if (found === null) throw new Error('the key is not known');
    await gantry.lens.catchUp(found.caller.tenant);
    return { ...stage, agents, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The example with these agents, and with systems that take more than its own. Its rules are the default ones. */
async function withWriters(): Promise<ProjectFiles> {
  const files = new Map(await readProject(projectFolder));
  const edited = (path: string, edit: (document: Document) => void): void => {
    const document = parseDocument(Buffer.from(files.get(path) ?? '').toString('utf8'));
    edit(document);
    files.set(path, document.toString());
  };
  edited('gantry.yaml', (document) => {
    for (const name of writers) {
      const agent = {
        title: `Obeys: ${name}`,
        owner: 'lena.brandt@acme.example',
        acts_for: name === 'reader' ? 'both' : 'service',
        grant: { tools, ...grants[name], calls_per_minute: 6_000 },
      };
      // Written out: the project's format knows no anchors.
      document.setIn(['agents', name], document.createNode(agent, { aliasDuplicateObjects: false }));
    }
  });
  const all = ['create', 'update', 'upsert', 'delete'];
  edited('integrations/crm.yaml', (document) => {
    document.setIn(['scope', 'write'], document.createNode(['Opportunity', 'Contact', 'Task', 'Event']));
    document.setIn(['objects', 'Opportunity', 'write'], document.createNode({ operations: all }));
    document.setIn(['objects', 'Contact', 'write'], document.createNode({ operations: all }));
    document.setIn(['objects', 'Task'], document.createNode({ write: { operations: all } }));
  });
  edited('integrations/support.yaml', (document) => {
    document.set('mode', 'autonomous');
    document.set('scope', document.createNode({ write: ['tickets'] }));
    document.setIn(['objects', 'tickets', 'write'], document.createNode({ operations: ['create', 'update'] }));
  });
  return files;
}
