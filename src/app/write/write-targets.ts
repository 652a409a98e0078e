import { showsClass, type PrincipalRights } from '../../access/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import { globMatches, type Integration, type WriteVerb } from '../../manifest/index.ts';
import type { TenantStream } from '../../mapping/index.ts';
import { readClasses, type Db } from '../../store/index.ts';
import type { RightsQuestion, WriteTarget } from '../../write/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { Targets } from '../sync/targets.ts';
import { grantLost } from './grant-lost.ts';

export interface WriteTargetDeps {
  readonly db: Db;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly targets: Pick<Targets, 'ofConnection' | 'asUser'>;
  readonly stops: Pick<AgentStops, 'stopOf'>;
  readonly rightsOf: (tenant: TenantId, principal: string) => Promise<PrincipalRights>;
}

/** Where plans are carried out: with the user's own sign-in where there is one, else with the connection's. */
export const createTargetOf =
  ({ targets, catalogues, manifests }: Pick<WriteTargetDeps, 'targets' | 'catalogues' | 'manifests'>) =>
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
    };
  };

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
 * is stopped or has another grant, the project takes no such writes now, or the
 * user is not shown the record or the field any more.
 */
export const createUnwritable =
  (deps: WriteTargetDeps) =>
  async (tenant: TenantId, question: RightsQuestion): Promise<ReadonlyMap<string, string>> => {
    const { connection, agent, object, operation, undo, writes, principal } = question;
    const all = (why: string): ReadonlyMap<string, string> => new Map(writes.map(({ key }) => [key, why]));
    const manifest = (await deps.manifests.of(tenant))?.manifest;
    const declared = manifest?.agents.get(agent);
    if (declared === undefined || declared.status === 'suspended' || (await deps.stops.stopOf(agent)) !== null) {
      return all(`${agent} is stopped, or is declared no longer.`);
    }
    const stream = (await deps.catalogues.streamsOf(tenant)).find(
      (each) => each.connection === connection && each.object.name === object,
    );
    const integration = stream === undefined ? undefined : manifest?.integrations.get(stream.integration);
    if (stream === undefined || integration === undefined || !takes(integration, object, undo ? 'undo' : operation)) {
      return all('The project lets nobody write this any more.');
    }
    const ungranted = grantLost(declared, await deps.catalogues.of(tenant), { stream, question });
    if (principal === null) return ungranted;
    const rights = await deps.rightsOf(tenant, principal);
    return new Map([...(await hiddenFrom(deps, tenant, { rights, stream, writes })), ...ungranted]);
  };

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
