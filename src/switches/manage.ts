import { GantryError, type JsonObject, type TenantId } from '../kernel/index.ts';
import {
  askToLift,
  liftSwitch,
  lockSwitch,
  throwSwitch,
  type SwitchOwner,
  type SwitchRow,
  type Tx,
} from '../store/index.ts';
import type { AppendAudit, AuditActor } from '../audit/index.ts';
import { scopeText } from './scope-text.ts';
import type { SwitchMode, SwitchScope } from './types.ts';

export interface Thrown {
  readonly mode: SwitchMode;
  readonly scope: SwitchScope;
  readonly reason: string;
  readonly by: AuditActor;
}

/**
 * A switch holds from the commit of this transaction on. `audit`: null for the
 * whole installation, whose switches are their own record.
 */
export async function throwSwitchNow(
  tx: Tx,
  owner: SwitchOwner,
  { mode, scope, reason, by }: Thrown,
  audit: AppendAudit,
): Promise<number> {
  const { kind, ...subject } = scope;
  const id = await throwSwitch(tx, owner, { mode, scope: kind, subject, reason, by: nameOf(by) });
  if (owner !== null) await tell(tx, owner, audit, 'switch_thrown', { actor: by, reason, scope: kind, subject, mode });
  return id;
}

/** `asked`: it holds until a second person grants it; `lifted`: it is over. */
export type LiftStep = 'asked' | 'lifted';

/**
 * Lifting takes two: whoever comes first asks, somebody else grants. Raises
 * `not_found`, `switch_lifted`, `switch_needs_second_person`.
 */
export async function liftSwitchNow(
  tx: Tx,
  owner: SwitchOwner,
  request: { readonly id: number; readonly by: string; readonly reason: string },
  audit: AppendAudit,
): Promise<LiftStep> {
  const { id, by, reason } = request;
  const row = await lockSwitch(tx, owner, id);
  if (row === null) throw new GantryError('not_found', { message: `There is no switch ${String(id)}.` });
  if (row.liftedAt !== null) {
    throw new GantryError('switch_lifted', { message: `Switch ${String(id)} was lifted by ${row.liftedBy ?? ''}.` });
  }
  if (row.liftAskedBy === null) {
    await askToLift(tx, owner, id, by);
    return 'asked';
  }
  if (row.liftAskedBy === by || !(await liftSwitch(tx, owner, id, by))) {
    throw new GantryError('switch_needs_second_person', {
      message: `${by} has asked for switch ${String(id)} to be lifted; somebody else has to grant it.`,
      fix: 'Another operator calls the same, with a key of their own.',
    });
  }
  if (owner !== null) {
    const { scope, subject, mode } = row;
    const actor: AuditActor = { kind: 'operator', name: by };
    await tell(tx, owner, audit, 'switch_lifted', { actor, reason, scope, subject, mode, askedBy: row.liftAskedBy });
  }
  return 'lifted';
}

interface Told extends Pick<SwitchRow, 'scope' | 'subject' | 'mode'> {
  readonly actor: AuditActor;
  readonly reason: string;
  readonly askedBy?: string;
}

async function tell(
  tx: Tx,
  tenant: TenantId,
  audit: AppendAudit,
  kind: 'switch_thrown' | 'switch_lifted',
  { actor, reason, scope, subject, mode, askedBy }: Told,
): Promise<void> {
  const detail: JsonObject = {
    mode,
    scope: scopeText({ scope, subject }),
    ...(askedBy === undefined ? {} : { asked_by: askedBy }),
  };
  await audit(tx, tenant, [{ kind, actor, subject: subjectOf(subject), reason, amount: null, detail }]);
}

function subjectOf({ connection, object }: JsonObject): { readonly connection?: string; readonly object?: string } {
  return {
    ...(typeof connection === 'string' ? { connection } : {}),
    ...(typeof object === 'string' ? { object } : {}),
  };
}

function nameOf(actor: AuditActor): string {
  return actor.kind === 'operator' ? actor.name : actor.kind === 'agent' ? `agent ${actor.agent}` : 'gantry';
}
