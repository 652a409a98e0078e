import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerFor, type PrincipalRights } from '../../src/access/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import { createAskers } from '../../src/app/write/askers.ts';
import { showPending } from '../../src/app/write/pending-answers.ts';
import { planPorts } from '../../src/app/write/plan-ports.ts';
import { createRunCode } from '../../src/app/write/run-code.ts';
import { createCodeRunner } from '../../src/operations/index.ts';
import { createRules } from '../../src/app/write/plan-rules.ts';
import { createFieldsAsked, createTargetOf, createUnmet, createUnwritable } from '../../src/app/write/write-targets.ts';
import { createWriteTools } from '../../src/app/write/write-tools.ts';
import { createWritersOf } from '../../src/app/write/writers-of.ts';
import { auditAppender } from '../../src/audit/index.ts';
import {
  connectorRegistry,
  type ConnectorSession,
  type SessionPermissions,
  type SessionWrites,
  type WriteOperation,
  type WriteRight,
  type WriteRightsQuestion,
} from '../../src/connectors/index.ts';
import {
  canonicalJson,
  contentHash,
  GantryError,
  systemClock,
  systemRandom,
  type Json,
  type StreamId,
} from '../../src/kernel/index.ts';
import { createLens } from '../../src/lens/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { compileCatalogue, type TenantStream } from '../../src/mapping/index.ts';
import type { CallerContext, WriteServices } from '../../src/mcp/index.ts';
import { createQueryService, type QueryService } from '../../src/query/index.ts';
import {
  addConnection,
  addTenant,
  beginAccess,
  ensureStream,
  ingestPage,
  keepAccess,
  linkPrincipal,
  migrate,
  openPglite,
  type Db,
} from '../../src/store/index.ts';
import {
  createWrites,
  planOperation,
  planWrite,
  type OperationRequest,
  type RightsQuestion,
  type WriteIntent,
  type WritePlan,
} from '../../src/write/index.ts';
import { objects, rows, type Rows } from './source.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');

export interface Stage {
  /** As the agent; with `rights`, in the name of a user. */
  plan(intent: WriteIntent, agent?: string, rights?: PrincipalRights): Promise<WritePlan>;
  run(request: OperationRequest, rights?: PrincipalRights): Promise<WritePlan>;
  context(agent: string, rights?: PrincipalRights): CallerContext;
  readonly streams: ReadonlyMap<string, StreamId>;
  readonly statements: { count: number };
  /** What was asked of the replica, the database and the system, in order: statements, and names of calls. */
  readonly work: string[];
  readonly query: QueryService;
  readonly tools: WriteServices;
  /** Whose sign-in it goes with: a user's name, null for the connection's; `none`: it cannot go. */
  signInOf(principal: string | null): Promise<string | null>;
  /** What the system says that a user may write, of each; everything at first. `none`: it tells nobody. */
  userMay: ((question: WriteRightsQuestion, at: number) => WriteRight) | 'not_a_user' | 'refused' | 'none';
  /** Questions of that kind so far. */
  readonly userQuestions: WriteRightsQuestion[];
  /** What may not be sent any more, by key; `fields`: the native fields that have to be known for it; `unmet`: conditions alone. */
  unwritable(
    question: Omit<RightsQuestion, 'connection' | 'agent' | 'intent' | 'writes' | 'signIn'> & {
      readonly intent?: string;
      readonly signIn?: string;
      readonly writes: readonly (Pick<RightsQuestion['writes'][number], 'key' | 'recordId' | 'values'> &
        Partial<RightsQuestion['writes'][number]>)[];
    },
    now?: {
      readonly rights?: PrincipalRights;
      readonly stopped?: boolean;
      readonly manifest?: Manifest;
      readonly fields?: true;
      readonly unmet?: true;
    },
  ): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

/**
 * Store, lens, query service and planning as they run in production, over one connection with hand-made objects.
 * `shared`: a migrated database of the suite's own, where the stage is one tenant more: opening one takes two seconds.
 */
export async function openStage(manifest: Manifest, data: Rows = rows, shared: Db | null = null): Promise<Stage> {
  const work: string[] = [];
  const opened = shared ?? (await openPglite({ memory: true }));
  const db = noted(opened, work);
  if (shared === null) await migrate(db);
  const tenant = await addTenant(db, { slug: shared === null ? 'acme' : `acme-${randomUUID()}`, at: NOW });
  const connection = await db.tenantTx(
    tenant,
    (tx) => addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'salesforce', state: 'working' }),
    'test.connect',
  );
  const found: TenantStream[] = [];
  for (const object of objects) {
    const stream = await db.tenantTx(
      tenant,
      (tx) => ensureStream(tx, { tenant, connection, object: object.name, everyS: 60 }),
      'test.stream',
    );
    found.push({
      stream,
      connection,
      connectionSlug: 'crm',
      integration: 'crm',
      provider: 'salesforce',
      object,
      schemaVersion: 1,
    });
    const records = (data[object.name] ?? []).map((doc) => {
      const docText = canonicalJson(doc);
      return {
        id: doc.Id,
        hash: contentHash(docText),
        docText,
        srcAt: NOW,
        deleted: false,
        acl: /^o[2h]/.test(doc.Id) ? 7 : 1,
      };
    });
    for (let at = 0; at < records.length; at += 1_000) {
      const page = records.slice(at, at + 1_000);
      await db.tenantTx(
        tenant,
        (tx) =>
          ingestPage(tx, { tenant, stream, records: page, cursor: null, phase: 'current', seenAt: NOW, asOf: NOW }),
        'test.ingest',
      );
    }
  }
  const catalogue = compileCatalogue(manifest, found);
  const dir = await mkdtemp(join(tmpdir(), 'gantry-write-plan-'));
  // The replica reads on by itself: that is nobody's work.
  const lens = createLens({ dir, db: opened, layout: async () => catalogue.layout, clock: systemClock });
  await lens.catchUp(tenant);
  const statements = { count: 0 };
  const counted = {
    ...lens,
    read: (...given: Parameters<typeof lens.read>) => {
      statements.count += 1;
      work.push(given[1].sql);
      return lens.read(...given);
    },
  };
  const clock = { ...systemClock, now: () => NOW };
  const query = createQueryService({ lens: counted, clock, ...createQueryDeps(db, () => undefined) });
  const manifests = {
    of: async () => ({ manifest, version: '1' }),
    slugOf: async () => 'acme',
    forget: () => undefined,
    forgetAll: () => undefined,
  };
  const catalogues = {
    of: async () => catalogue,
    streamsOf: async () => found,
    forget: () => undefined,
    forgetAll: () => undefined,
  };
  const rules = createRules({ db, clock, manifests });
  const sync = { db, clock, onEvent: () => undefined, onSchemaChange: () => undefined };
  const askerOf = createAskers({
    manifests,
    clock,
    catalogues,
    readUntrusted: () => false,
  });
  const connectors = connectorRegistry({ clock, random: systemRandom });
  await db.tenantTx(
    tenant,
    async (tx) => {
      const key = { tenant, connection };
      await beginAccess(tx, key, 'test');
      const known = { sampledAt: null, lastError: null, factsAt: NOW, standingsAt: NOW };
      await keepAccess(tx, tenant, { connection, state: 'test', facts: { hash: '1', data: {} }, ...known });
      const link = { sourceUser: '005ada', sourceName: null, attributes: {}, linkedBy: 'test' };
      await linkPrincipal(tx, key, { ...link, principal: 'ada' });
    },
    'test.link',
  );
  const asked: Pick<Stage, 'userMay' | 'userQuestions'> = { userMay: () => ({ kind: 'may' }), userQuestions: [] };
  const session = {
    writes: writesOver(data, work),
    get permissions() {
      return asked.userMay === 'none' ? {} : permissionsOf(asked, work);
    },
  } as unknown as ConnectorSession;
  const targets = {
    ofConnection: async () => ({ session }),
    asUser: async (_tenant: unknown, _connection: unknown, principal: string) =>
      principal === 'brita' ? session : null,
  } as unknown as Parameters<typeof planPorts>[0]['targets'];
  const context = (name: string, rights?: PrincipalRights): CallerContext => {
    const agent = manifest.agents.get(name);
    if (agent === undefined) throw new Error(`no agent ${name}`);
    return {
      caller: callerFor({ agent, catalogue, tenant, tenantSlug: 'acme', rights: rights ?? null }),
      scope: { ...catalogue, policies: manifest.policies, models: manifest.models },
    };
  };
  const runCode = createRunCode(createCodeRunner());
  const portsFor = (asker: Awaited<ReturnType<typeof askerOf>>) =>
    planPorts({ db, clock, random: systemRandom, query, targets, rules, connectors, runCode }, asker);
  const writes = createWrites({
    db,
    clock,
    random: systemRandom,
    onEvent: () => undefined,
    audit: auditAppender(systemRandom),
    rules,
    approvals: null,
    targetOf: async () => null,
    unwritable: async () => new Map(),
    refusedToUser: async () => new Map(),
    factsOf: async () => ({ policyVersion: '', accountable: null, modes: new Map() }),
  });
  return {
    get userMay() {
      return asked.userMay;
    },
    set userMay(may) {
      asked.userMay = may;
    },
    userQuestions: asked.userQuestions,
    context,
    statements,
    work,
    query: showPending(query, {
      db,
      catalogues: { streamsOf: async () => found },
      writes,
    }),
    tools: createWriteTools({ writes, rules, askerOf, portsFor }),
    streams: new Map(found.map(({ object, stream }) => [object.name, stream])),
    signInOf: async (principal) => {
      const target = await createTargetOf({ targets, catalogues, manifests, db, sync })(tenant, connection, principal);
      return target === null ? 'none' : target.principal;
    },
    unwritable: (question, now = {}) => {
      const deps: Parameters<typeof createUnwritable>[0] = {
        db,
        manifests: { ...manifests, of: async () => ({ manifest: now.manifest ?? manifest, version: '2' }) },
        catalogues,
        targets,
        stops: { stopOf: async () => (now.stopped === true ? { at: NOW, by: 'ops', reason: null } : null) } as never,
        rightsOf: async (_tenant, principal) => now.rights ?? { principal, version: '1', streams: new Map() },
        grants: { clock, locate: query.locate, writersOf: createWritersOf() },
      };
      const asking: RightsQuestion = {
        intent: null,
        signIn: null,
        ...question,
        writes: question.writes.map((write) => ({ model: 'deal', changes: [], match: null, ...write })),
        connection,
        agent: 'writer',
      };
      if (now.unmet === true) return createUnmet(deps)(tenant, asking);
      return now.fields === undefined
        ? createUnwritable(deps)(tenant, asking)
        : createFieldsAsked(deps)(tenant, asking).then((fields) => new Map(fields.map((name) => [name, ''])));
    },
    plan: async (intent, agent = 'writer', rights) => {
      const asker = await askerOf(context(agent, rights));
      return planWrite(portsFor(asker), asker, intent);
    },
    run: async (request, rights) => {
      const asker = await askerOf(context('writer', rights));
      return planOperation(portsFor(asker), asker, request);
    },
    close: async () => {
      await lens.close();
      if (shared === null) await db.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const noted = (db: Db, work: string[]): Db => ({
  ...db,
  tenantRead: (...given) => (work.push('a look into the database'), db.tenantRead(...given)),
});

const permissionsOf = ({ userMay, userQuestions }: Pick<Stage, 'userMay' | 'userQuestions'>, work: string[]) =>
  ({
    mayWrite: async (question) => {
      work.push(`mayWrite ${String(question.writes.length)}`);
      userQuestions.push(question);
      if (userMay === 'refused') throw new GantryError('access_source_refused', { message: 'No.', fix: 'Let it see.' });
      return typeof userMay === 'function' ? question.writes.map((_write, at) => userMay(question, at)) : null;
    },
  }) satisfies Pick<SessionPermissions, 'mayWrite'>;

/** What a connector says of its ways, and finds at the source; nothing is sent here. */
function writesOver(data: Rows, work: string[]): SessionWrites {
  const unused = async (): Promise<never> => {
    throw new Error('planning sends nothing');
  };
  return {
    wayOf: (object, operation: WriteOperation) =>
      object.name === 'Case' && operation !== 'update'
        ? { kind: 'no_way', why: 'cases are only updated' }
        : {
            kind: 'way',
            way: {
              dedupe: operation === 'update' ? 'conditional' : 'external_id',
              forms: [
                { name: 'single', recordsMax: 1, recordsFrom: 1, job: false },
                { name: 'collection', recordsMax: 200, recordsFrom: 2, job: false },
              ],
              reversibility: operation === 'delete' ? 'compensating' : 'exact',
              sideEffects: ['Triggers run.'],
              conditional: false,
              keyField: null,
              settleMs: 1_000,
            },
          },
    callsFor: (_object, _operation, form, records) => (form === 'single' ? records : Math.ceil(records / 200)),
    findBy: async (object, name, wanted) => {
      work.push(`findBy ${object.name}.${name} ${String(wanted.length)}`);
      return new Map(
        wanted.map((value): [Json, string[]] => [
          value,
          // More than two of one value are not looked for.
          (data[object.name] ?? []).flatMap((row) => (row[name] === value ? row.Id : [])).slice(0, 2),
        ]),
      );
    },
    send: unused,
    settle: unused,
    readImages: unused,
  };
}
