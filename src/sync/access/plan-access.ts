import {
  canonicalJson,
  contentHash,
  GantryError,
  type Json,
  type JsonObject,
  type StreamId,
} from '../../kernel/index.ts';
import type { AccessFacts, AccessStrategy, SessionPermissions } from '../../connectors/index.ts';
import type { Integration, ObjectPermissions } from '../../manifest/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  currentSchemas,
  forgetAccessStream,
  keepAccess,
  listAccessStreams,
  listStreams,
  noteSettled,
  planAccessStream,
  type AccessKey,
  type AccessPlan,
  type Tx,
} from '../../store/index.ts';
import { isDue, keepInTurn, readKnown, timeNow, type TurnContext } from './turn-context.ts';

/**
 * Reads what audiences follow from beside the records, where it is due, and
 * says of each object how its audiences are learned. Where that is not as it
 * was, all of them are to be worked out anew. Raises what the connector
 * raises; then the rules that need no provider are in force all the same.
 */
export async function planAccess(context: TurnContext): Promise<void> {
  const known = await readKnown(context);
  const { permissions } = context;
  let facts: AccessFacts | null = known.access.facts;
  let readAt: Date | null = known.access.factsAt;
  let failure: unknown = null;
  if (permissions !== null && isDue(context, readAt, known.now, context.intervals.factsMs)) {
    const askedAt = await timeNow(context);
    try {
      facts = await permissions.readFacts(await objectsOf(context));
      readAt = askedAt;
    } catch (error) {
      failure = error;
    }
  }
  await keepPlans(context, facts, readAt);
  if (failure !== null) throw failure;
}

async function objectsOf({ deps, key }: TurnContext): Promise<NativeObject[]> {
  return deps.db.tenantRead(key.tenant, async (tx) => {
    const own = new Set(
      (await listStreams(tx, key.tenant)).flatMap((row) => (row.connection === key.connection ? [row.id] : [])),
    );
    return (await currentSchemas(tx, key.tenant)).flatMap(({ stream, object }) => (own.has(stream) ? [object] : []));
  });
}

async function keepPlans(context: TurnContext, facts: AccessFacts | null, readAt: Date | null): Promise<void> {
  const { key, integration, permissions } = context;
  const { tenant } = key;
  await keepInTurn(context, 'access.keep_plans', async (tx, access) => {
    await keepAccess(tx, tenant, {
      ...access,
      facts: facts === null ? null : { hash: facts.hash, data: facts.data },
      factsAt: readAt,
    });
    const there = await planStreams(tx, key, (object) => planOf(object, integration, permissions, facts));
    const planned = await listAccessStreams(tx, key);
    for (const { stream } of planned) if (!there.has(stream)) await forgetAccessStream(tx, { tenant, stream });
    if (readAt !== null) {
      await noteSettled(
        tx,
        tenant,
        planned.map(({ stream }) => stream),
        readAt,
      );
    }
  });
}

/**
 * The rules alone, where nobody is signed in: whatever else is known of the
 * connection stays, with its age.
 */
export async function planRules(context: TurnContext): Promise<void> {
  const { key, integration } = context;
  await keepInTurn(context, 'access.keep_rules', (tx) =>
    planStreams(tx, key, (object) => rulePlanOf(object, integration)),
  );
}

/** Returns the connection's streams. A plan that is null leaves the one of before. */
async function planStreams(
  tx: Tx,
  { tenant, connection }: AccessKey,
  planFor: (object: NativeObject) => AccessPlan | null,
): Promise<ReadonlySet<StreamId>> {
  const streams = (await listStreams(tx, tenant)).filter((row) => row.connection === connection);
  const schemas = new Map((await currentSchemas(tx, tenant)).map(({ stream, object }) => [stream, object]));
  for (const { id } of streams) {
    const object = schemas.get(id);
    const plan = object === undefined ? null : planFor(object);
    if (plan !== null) await planAccessStream(tx, { tenant, stream: id }, plan);
  }
  return new Set(streams.map(({ id }) => id));
}

/** Null: it cannot be said before facts are read. */
export function planOf(
  object: NativeObject,
  integration: Integration,
  permissions: SessionPermissions | null,
  facts: AccessFacts | null,
): AccessPlan | null {
  const said = rulePlanOf(object, integration);
  if (said !== null) return said;
  if (permissions === null) {
    const why = 'Gantry has no way to ask this provider who is shown what.';
    return { strategy: 'none', rule: null, why, basis: basisOf('none', why) };
  }
  if (facts === null) return null;
  const strategy = permissions.strategyOf(object, facts);
  return { strategy: strategy.kind, rule: null, ...basis(strategy, facts, object) };
}

/** Null: the project leaves it to the provider. */
function rulePlanOf(object: NativeObject, integration: Integration): AccessPlan | null {
  const said = permissionsSaid(integration, object.name);
  if (said === null) return null;
  const rule = said.kind === 'rule' ? ruleJson(said) : null;
  return { strategy: said.kind, rule, why: null, basis: basisOf(said.kind, rule) };
}

function basis(
  strategy: AccessStrategy,
  facts: AccessFacts,
  { name }: NativeObject,
): Pick<AccessPlan, 'why' | 'basis'> {
  switch (strategy.kind) {
    case 'none':
      return { why: strategy.why, basis: basisOf('none', strategy.why) };
    // What a user is shown is asked for, so that facts change nothing of it.
    case 'as_user':
      return { why: null, basis: basisOf('as_user', name) };
    case 'record':
    case 'shares':
      return { why: null, basis: basisOf(strategy.kind, facts.hash) };
  }
}

const basisOf = (kind: string, of: Json): string => contentHash(canonicalJson([kind, of]));

function permissionsSaid({ objects }: Integration, object: string): ObjectPermissions | null {
  for (const declared of objects.values()) if (declared.from === object) return declared.permissions ?? null;
  return null;
}

const ruleJson = ({ owner, team, territory }: Extract<ObjectPermissions, { kind: 'rule' }>): JsonObject => ({
  owner,
  team,
  territory,
});

/** Whether the connection's user may not see who sees what: no try changes that before somebody grants it. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof GantryError && error.code === 'access_source_refused';
