import type { AuditUseCases, Operator } from '../../api/index.ts';
import { limits, toGantryError, type Clock, type TenantId } from '../../kernel/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import {
  countWrites,
  findTenant,
  firstWriteAt,
  listAgentStops,
  listApiKeys,
  listConnections,
  listCredentials,
  listOperators,
  listWritePlans,
  type ConnectionRow,
  type Db,
} from '../../store/index.ts';
import type { Targets } from '../sync/targets.ts';
import { isUndoRow } from '../../write/index.ts';
import { askAudit } from './ask-audit.ts';
import type { AgentFact, ChecklistFacts, ConnectionFact, CredentialFact, KeyFact, RehearsalFact } from './facts.ts';
import { rulesDigest } from './rules-digest.ts';

export interface GatherDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly targets: Pick<Targets, 'ofConnection'>;
  readonly audit: AuditUseCases;
}

/** Everything that the list looks at, from where it really is. */
export async function gatherFacts(
  deps: GatherDeps,
  request: {
    readonly tenant: TenantId;
    readonly slug: string;
    readonly manifest: Manifest;
    readonly operator: Operator;
  },
): Promise<ChecklistFacts> {
  const { db } = deps;
  const { tenant, manifest } = request;
  const { policies } = manifest;
  const stopped = new Set((await listAgentStops(db)).map(({ agent }) => agent));
  const rows = await db.tenantRead(tenant, async (tx) => ({
    now: tx.now,
    connections: (await listConnections(tx, tenant)).filter(({ state }) => state !== 'deleted' && state !== 'revoked'),
    credentials: await listCredentials(tx, tenant),
    firstWriteAt: await firstWriteAt(tx, tenant),
  }));
  return {
    now: rows.now,
    agents: agentFacts(manifest, stopped),
    integrations: [...manifest.integrations.values()].map(({ name, onCall, mode, scope }) => ({
      name,
      onCall,
      mode,
      read: scope.read,
      write: scope.write,
      writeAs: scope.writeAs,
    })),
    connections: await connectionFacts(deps, tenant, rows.connections),
    rotateDays: policies.checklist?.rotateDays ?? limits.rotateDays,
    keys: await keyFacts(db, tenant, rows.now),
    credentials: rows.credentials
      .filter(({ endedAt }) => endedAt === null)
      .flatMap(({ connection, principal, renewable, endsAt }): CredentialFact[] => {
        const slug = rows.connections.find(({ id }) => id === connection)?.slug;
        if (slug === undefined) return [];
        return [{ what: principal === '' ? slug : `${slug} of ${principal}`, renewable, endsAt }];
      }),
    audit: await askAudit(deps, request),
    rehearsal: await rehearsalFact(db, policies.checklist?.sandbox ?? null),
    rules: rulesDigest(policies),
    signed: policies.checklist?.thresholds ?? null,
    pilots: policies.approvals?.pilots ?? [],
    firstWriteAt: rows.firstWriteAt,
  };
}

function agentFacts(manifest: Manifest, stopped: ReadonlySet<string>): AgentFact[] {
  return [...manifest.agents.values()].map(({ name, owner, status, grant }) => ({
    name,
    owner,
    suspended: status === 'suspended' || stopped.has(name),
    reads: [...grant.objects.keys()],
    writes: [...(grant.write?.keys() ?? []), ...(grant.operations ?? [])],
  }));
}

/** The provider is asked now: rights there change without us. */
async function connectionFacts(
  { targets }: Pick<GatherDeps, 'targets'>,
  tenant: TenantId,
  connections: readonly ConnectionRow[],
): Promise<ConnectionFact[]> {
  const facts: ConnectionFact[] = [];
  for (const { id, slug } of connections) {
    try {
      const session = (await targets.ofConnection(tenant, id))?.session;
      const user = session === undefined ? null : (await session.identify()).userName;
      const admin =
        session === undefined
          ? ({ kind: 'failed', code: 'connection_reauth_required' } as const)
          : ((await session.adminRight?.()) ?? ({ kind: 'untold' } as const));
      facts.push({ slug, user, admin });
    } catch (error) {
      facts.push({ slug, user: null, admin: { kind: 'failed', code: toGantryError(error).code } });
    }
  }
  return facts;
}

async function keyFacts(db: Db, tenant: TenantId, now: Date): Promise<KeyFact[]> {
  const isGood = ({ expiresAt, revokedAt = null }: { expiresAt: Date | null; revokedAt?: Date | null }): boolean =>
    revokedAt === null && (expiresAt === null || expiresAt > now);
  const agents = (await listApiKeys(db, tenant)).filter(isGood);
  const operators = (await listOperators(db)).filter(isGood);
  return [
    ...agents.map(({ agent, label, createdAt, expiresAt }) => ({
      what: `key ${label} of agent ${agent}`,
      madeAt: createdAt,
      endsAt: expiresAt,
    })),
    ...operators.map(({ name, createdAt, expiresAt }) => ({
      what: `key of operator ${name}`,
      madeAt: createdAt,
      endsAt: expiresAt,
    })),
  ];
}

/** The newest plan of the tenant that took something back and has ended. */
export async function rehearsalFact(db: Db, sandbox: string | null): Promise<RehearsalFact> {
  if (sandbox === null) return { kind: 'no_sandbox' };
  const found = await findTenant(db, sandbox);
  if (found === null) return { kind: 'unknown_tenant', sandbox };
  const tenant = found.id;
  return db.tenantRead(tenant, async (tx): Promise<RehearsalFact> => {
    const request = { agent: null, principal: null, states: ['done'], limit: PLANS_LOOKED_AT };
    const plans = await listWritePlans(tx, tenant, request);
    const undo = plans.find(isUndoRow);
    if (undo === undefined || undo.endedAt === null) return { kind: 'never', sandbox };
    const counts = await countWrites(tx, tenant, [undo.id]);
    return {
      kind: 'done',
      sandbox,
      plan: undo.id,
      undoes: undo.undoes ?? 'several plans',
      at: undo.endedAt,
      counts: Object.fromEntries(counts.map(({ state, count }) => [state, count])),
    };
  });
}

const PLANS_LOOKED_AT = 1_000;
