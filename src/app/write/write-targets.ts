import { showsClass, type PrincipalRights } from '../../access/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import {
  globMatches,
  type AgentDeclaration,
  type Integration,
  type Manifest,
  type WriteVerb,
} from '../../manifest/index.ts';
import type { TenantStream } from '../../mapping/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import { listStreams, readClasses, type Db } from '../../store/index.ts';
import { refreshSchema, type SyncDeps } from '../../sync/index.ts';
import { isPersonsUndo, type RightsQuestion, type UserQuestion, type WriteTarget } from '../../write/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { Targets } from '../sync/targets.ts';
import { conditionsLost, fieldsOfConditions } from './conditions-lost.ts';
import { grantLost, notGranted } from './grant-lost.ts';
import { fieldLost } from './field-lost.ts';
import type { AskedBy } from './grant-ways.ts';
import { userRights, type UserRightsDeps } from './user-rights.ts';
import { fieldsOfGrant, outsideGrant, type WithinGrantDeps } from './within-grant.ts';

export interface WriteTargetDeps {
  readonly db: Db;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly targets: Pick<Targets, 'ofConnection' | 'asUser'>;
  readonly stops: Pick<AgentStops, 'stopOf'>;
  readonly rightsOf: (tenant: TenantId, principal: string) => Promise<PrincipalRights>;
  readonly grants: Pick<WithinGrantDeps, 'clock' | 'locate' | 'writersOf'>;
}

/** Where plans are carried out: with the user's own sign-in where there is one, else with the connection's. */
export const createTargetOf =
  ({ targets, catalogues, manifests, db, sync }: TargetOfDeps) =>
  async (
    tenant: TenantId,
    connection: TenantStream['connection'],
    principal: string | null,
  ): Promise<WriteTarget | null> => {
    const own = principal === null ? null : await targets.asUser(tenant, connection, principal);
    if (own === null && principal !== null && (await isUsersOnly({ catalogues, manifests }, tenant, connection)))
      return null;
    const session = own ?? (await targets.ofConnection(tenant, connection))?.session ?? null;
    if (session === null) return null;
    return {
      principal: own === null ? null : principal,
      writes: session.writes ?? null,
      objectOf: async (name) =>
        (await catalogues.streamsOf(tenant)).find(
          (stream) => stream.connection === connection && stream.object.name === name,
        )?.object ?? null,
      discover: (name) => discoverAgain({ targets, db, sync }, { tenant, connection }, name),
    };
  };

type TargetOfDeps = Pick<WriteTargetDeps, 'targets' | 'catalogues' | 'manifests' | 'db'> & { readonly sync: SyncDeps };

/** With the connection's own sign-in, which is what discovers: what that is not shown is not there. */
async function discoverAgain(
  { targets, db, sync }: Pick<TargetOfDeps, 'targets' | 'db' | 'sync'>,
  { tenant, connection }: { readonly tenant: TenantId; readonly connection: TenantStream['connection'] },
  name: string,
): Promise<NativeObject | null> {
  const target = await targets.ofConnection(tenant, connection);
  const streams = await db.tenantRead(tenant, (tx) => listStreams(tx, tenant, connection));
  const stream = streams.find(({ object }) => object === name);
  return target === null || stream === undefined ? null : refreshSchema(sync, target, stream);
}

/** Whether what is written there in a user's name goes with that user's own sign-in, or not at all. */
async function isUsersOnly(
  { catalogues, manifests }: Pick<WriteTargetDeps, 'catalogues' | 'manifests'>,
  tenant: TenantId,
  connection: TenantStream['connection'],
): Promise<boolean> {
  const stream = (await catalogues.streamsOf(tenant)).find((each) => each.connection === connection);
  const integrations = (await manifests.of(tenant))?.manifest.integrations;
  return stream !== undefined && integrations?.get(stream.integration)?.scope.writeAs === 'user';
}

/**
 * What may not be written any more though it was when it was planned: the agent
 * is stopped or has another grant, the record has left it, the project takes no
 * such writes now, or the user is not shown the record or the field any more.
 */
export const createUnwritable =
  (deps: WriteTargetDeps) =>
  async (tenant: TenantId, question: RightsQuestion): Promise<ReadonlyMap<string, string>> => {
    const { agent, intent, writes } = question;
    const manifest = (await deps.manifests.of(tenant))?.manifest;
    const declared = manifest?.agents.get(agent);
    const isStopped =
      declared === undefined || declared.status === 'suspended' || (await deps.stops.stopOf(agent)) !== null;
    const stopped = isStopped ? writes.filter((write) => !isPersonsUndo(intent, write)) : [];
    const lost = stopped.map(({ key }): [string, string] => [key, `${agent} is stopped, or is declared no longer.`]);
    const others = writes.filter((write) => !stopped.includes(write));
    if (others.length === 0) return new Map(lost);
    const now = { manifest, declared };
    return new Map([...lost, ...(await unwritableNow(deps, tenant, { ...question, writes: others }, now))]);
  };

interface Declared {
  readonly manifest: Manifest | undefined;
  /** Undefined: not any more, and all of this is a person's undo, which needs no grant. */
  readonly declared: AgentDeclaration | undefined;
}

/** The same, whatever became of the agent. */
async function unwritableNow(
  deps: WriteTargetDeps,
  tenant: TenantId,
  question: RightsQuestion,
  { manifest, declared }: Declared,
): Promise<ReadonlyMap<string, string>> {
  const { connection, agent, object, operation, undo, writes, principal } = question;
  const all = (why: string): ReadonlyMap<string, string> => new Map(writes.map(({ key }) => [key, why]));
  const stream = await streamOf(deps, tenant, question);
  const integration = stream === undefined ? undefined : manifest?.integrations.get(stream.integration);
  if (question.makesFields === true && stream !== undefined && integration !== undefined && declared !== undefined) {
    return fieldLost(declared, await deps.catalogues.of(tenant), { integration, stream, question });
  }
  if (stream === undefined || integration === undefined || !takes(integration, object, undo ? 'undo' : operation)) {
    return all('The project lets nobody write this any more.');
  }
  const rights = principal === null ? null : await deps.rightsOf(tenant, principal);
  const outside = await outsideGrant({ ...deps, ...deps.grants }, tenant, question, { stream, rights });
  const ungranted = new Map([
    ...[...outside].map((key): [string, string] => [key, notGranted(agent)]),
    ...(declared === undefined ? [] : grantLost(declared, await deps.catalogues.of(tenant), { stream, question })),
  ]);
  if (principal === null || rights === null) return ungranted;
  const known = new Map([...(await hiddenFrom(deps, tenant, { rights, stream, writes })), ...ungranted]);
  if (question.signIn !== null) return known;
  const open = writes.filter(({ key }) => !known.has(key));
  const about = { connection, object, operation, principal, writes: open };
  return new Map([...known, ...(await createRefusedToUser(deps)(tenant, about))]);
}

/**
 * Conditions of the operation that do not hold any more though they did when it
 * was planned, in the manifest's words.
 */
export const createUnmet =
  (deps: WriteTargetDeps) =>
  async (tenant: TenantId, question: RightsQuestion): Promise<ReadonlyMap<string, string>> => {
    const by = await askedBy(deps, tenant, question);
    return by === null ? new Map() : conditionsLost({ ...deps, ...deps.grants }, tenant, question, by);
  };

/** What has to be read of the records so that it can be told whether the grant has them still, and the conditions hold. */
export const createFieldsAsked =
  (deps: WriteTargetDeps) =>
  async (tenant: TenantId, question: RightsQuestion): Promise<readonly string[]> => {
    const by = await askedBy(deps, tenant, question);
    if (by === null) return [];
    const own = { ...deps, ...deps.grants };
    return [
      ...(await fieldsOfGrant(own, tenant, question, by)),
      ...(await fieldsOfConditions(own, tenant, question, by)),
    ];
  };

/** Null: the object is not here any more. */
async function askedBy(
  deps: Pick<WriteTargetDeps, 'catalogues' | 'rightsOf'>,
  tenant: TenantId,
  question: RightsQuestion,
): Promise<AskedBy | null> {
  const { principal } = question;
  const stream = await streamOf(deps, tenant, question);
  if (stream === undefined) return null;
  return { stream, rights: principal === null ? null : await deps.rightsOf(tenant, principal) };
}

/** The object that is written; undefined: it is not here any more. */
async function streamOf(
  { catalogues }: Pick<WriteTargetDeps, 'catalogues'>,
  tenant: TenantId,
  { connection, object }: Pick<RightsQuestion, 'connection' | 'object'>,
): Promise<TenantStream | undefined> {
  const streams = await catalogues.streamsOf(tenant);
  return streams.find((each) => each.connection === connection && each.object.name === object);
}

/** What the system itself does not let the user write, and what nobody can tell of. */
export const createRefusedToUser =
  (deps: UserRightsDeps & Pick<WriteTargetDeps, 'catalogues' | 'manifests'>) =>
  async (tenant: TenantId, question: UserQuestion): Promise<ReadonlyMap<string, string>> => {
    const { operation, principal, writes } = question;
    if (writes.length === 0) return new Map();
    const all = (why: string): ReadonlyMap<string, string> => new Map(writes.map(({ key }) => [key, why]));
    const stream = await streamOf(deps, tenant, question);
    if (stream === undefined) return all('The object is not here any more.');
    const integrations = (await deps.manifests.of(tenant))?.manifest.integrations;
    const as = integrations?.get(stream.integration)?.scope.writeAs ?? 'user';
    try {
      const rights = await userRights(deps, tenant, {
        stream,
        as,
        principal,
        operation,
        writes,
        purpose: 'background',
      });
      return new Map(
        writes.flatMap(({ key }, at): [string, string][] => {
          const right = rights[at] ?? { kind: 'unknown', why: NOT_TOLD };
          if (right.kind === 'may') return [];
          return [
            [key, right.kind === 'unknown' ? right.why : `${stream.connectionSlug} does not let the user do this.`],
          ];
        }),
      );
    } catch (error) {
      // Where a system cannot be asked now, it waits; where nobody can tell, waiting changes nothing.
      if (error instanceof GantryError && error.code === 'write_rights_unknown') return all(error.message);
      throw error;
    }
  };

const NOT_TOLD = 'The system did not say whether the user may do this.';

/** An upsert is sent as what it turned out to be; what was written can be taken back whatever that takes. */
function takes({ scope, objects, mode }: Integration, object: string, operation: WriteVerb | 'undo'): boolean {
  const offered = objects.get(object)?.write?.operations ?? [];
  const isOffered =
    operation === 'undo'
      ? offered.length > 0
      : offered.includes(operation) || (operation !== 'delete' && offered.includes('upsert'));
  return (
    mode !== 'read_only' &&
    mode !== 'propose_only' &&
    isOffered &&
    scope.write.some((glob) => globMatches(glob, object))
  );
}

async function hiddenFrom(
  { db }: WriteTargetDeps,
  tenant: TenantId,
  about: { readonly rights: PrincipalRights; readonly stream: TenantStream; readonly writes: RightsQuestion['writes'] },
): Promise<ReadonlyMap<string, string>> {
  const { rights, stream, writes } = about;
  const own = rights.streams.get(stream.stream);
  if (own?.kind !== 'known')
    return new Map(writes.map(({ key }) => [key, 'Nobody knows now what the user may see there.']));
  const ids = writes.flatMap(({ recordId }) => recordId ?? []);
  const classes = await db.tenantRead(tenant, (tx) => readClasses(tx, { tenant, stream: stream.stream }, ids));
  const hidden = new Map<string, string>();
  for (const { key, recordId, values } of writes) {
    const acl = recordId === null ? null : (classes.get(recordId)?.acl ?? null);
    const isShown = recordId === null || showsClass({ principal: rights }, stream.stream, acl);
    const { fields } = own;
    if (!isShown) hidden.set(key, 'The user is not shown the record any more.');
    else if (fields !== 'all' && Object.keys(values).some((field) => !fields.has(field))) {
      hidden.set(key, 'The user is not shown a field of it any more.');
    }
  }
  return hidden;
}
