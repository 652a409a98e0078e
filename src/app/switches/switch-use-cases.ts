import type { Operator, SwitchRequest, SwitchUseCases } from '../../api/index.ts';
import { aliasesOf, type ApprovalSettings } from '../../approvals/index.ts';
import type { AppendAudit, AuditActor } from '../../audit/index.ts';
import { GantryError, type JsonObject } from '../../kernel/index.ts';
import { listSwitches, lockSwitch, type Db, type SwitchOwner, type SwitchRow, type Tx } from '../../store/index.ts';
import { liftSwitchNow, scopeText, throwSwitchNow, type SwitchMode, type SwitchScope } from '../../switches/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { actorOf } from '../identity/actor.ts';
import { requireThere, type NamesThere } from './require-there.ts';

export interface SwitchDeps {
  readonly db: Db;
  readonly audit: AppendAudit;
  /** Who is called how, as the project in force says. */
  readonly settings: () => Promise<Pick<ApprovalSettings, 'people'>>;
  /** What agents and operations there are, as it says. */
  readonly names: () => Promise<NamesThere | null>;
}

/** Kill switches, as the REST door and the CLI offer them. */
export function createSwitchUseCases({ db, audit, settings, names }: SwitchDeps): SwitchUseCases {
  const ownerOf = async (slug: string | undefined): Promise<SwitchOwner> =>
    slug === undefined ? null : requireTenant(db, slug);
  return {
    list: async (_operator, { tenant, limit }) => {
      const owner = await ownerOf(tenant);
      const rows =
        owner === null
          ? await db.read((tx) => listSwitches(tx, null, limit))
          : await db.tenantRead(owner, (tx) => listSwitches(tx, owner, limit));
      return rows.map(shown);
    },
    throw: async (operator, request) => {
      const owner = await ownerOf(request.tenant);
      const scope = scopeIn(request, owner);
      const by: AuditActor = { kind: 'operator', name: actorOf(operator, request.by) };
      const thrown = { mode: request.mode as SwitchMode, scope, reason: request.reason, by };
      const work = async (tx: Tx): Promise<JsonObject> =>
        shownById(tx, owner, await throwSwitchNow(tx, owner, thrown, audit));
      if (owner === null) return db.tx(work, 'app.throw_global_switch');
      const there = await names();
      return db.tenantTx(
        owner,
        async (tx) => {
          await requireThere(tx, owner, scope, there);
          return work(tx);
        },
        'app.throw_switch',
      );
    },
    lift: async (operator, { tenant, id, reason }) => {
      const by = ownName(operator);
      const owner = await ownerOf(tenant);
      const aliases = aliasesOf(await settings(), by);
      const work = async (tx: Tx): Promise<JsonObject> => {
        await liftSwitchNow(tx, owner, { id, by, aliases, reason }, audit);
        return shownById(tx, owner, id);
      };
      return owner === null ? db.tx(work, 'app.lift_global_switch') : db.tenantTx(owner, work, 'app.lift_switch');
    },
  };
}

/** Two people are two keys: of a key that several share nobody can tell who used it. */
function ownName(operator: Operator): string {
  if (operator.role !== undefined) return operator.name;
  throw new GantryError('switch_needs_second_person', {
    message: 'This operator key is not one person’s own, and lifting a switch takes two people.',
  });
}

function scopeIn(request: SwitchRequest, owner: SwitchOwner): SwitchScope {
  const { connection, object, operation, agent, principal } = request;
  const scopes: SwitchScope[] = [];
  if (connection !== undefined) {
    scopes.push(object === undefined ? { kind: 'connection', connection } : { kind: 'object', connection, object });
  } else if (object !== undefined) throw tooMuch('An object is one of a connection, which is not named.');
  if (operation !== undefined) scopes.push({ kind: 'operation', operation });
  if (agent !== undefined) scopes.push({ kind: 'agent', agent });
  if (principal !== undefined) scopes.push({ kind: 'principal', principal });
  const [scope = { kind: owner === null ? 'global' : 'tenant' }, second] = scopes;
  if (second !== undefined) throw tooMuch('A switch is about one thing; this names several.');
  if (owner === null && scope.kind !== 'global')
    throw tooMuch('Without a tenant a switch stops everything of everybody.');
  return scope;
}

const tooMuch = (message: string): GantryError => new GantryError('switch_scope_unknown', { message });

async function shownById(tx: Tx, owner: SwitchOwner, id: number): Promise<JsonObject> {
  const row = await lockSwitch(tx, owner, id);
  if (row === null) throw new Error('the switch is there');
  return shown(row);
}

function shown(row: SwitchRow): JsonObject {
  return {
    id: row.id,
    state: row.liftedAt !== null ? 'lifted' : row.liftAskedBy !== null ? 'lift_asked' : 'on',
    mode: row.mode,
    scope: row.scope,
    subject: row.subject,
    text: scopeText(row),
    reason: row.reason,
    trigger: row.trigger,
    figures: row.figures,
    thrown_by: row.thrownBy,
    thrown_at: row.thrownAt.toISOString(),
    lift_asked_by: row.liftAskedBy,
    lift_asked_at: row.liftAskedAt?.toISOString() ?? null,
    lifted_by: row.liftedBy,
    lifted_at: row.liftedAt?.toISOString() ?? null,
  };
}
