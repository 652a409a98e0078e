import { GantryError, type JsonObject, type TenantId } from '../kernel/index.ts';
import {
  alertTurnNow,
  askToLift,
  forgetSwitchWatch,
  liftSwitch,
  lockSwitch,
  throwSwitch,
  type SwitchOwner,
  type SwitchRow,
  type Tx,
  type WatchKey,
} from '../store/index.ts';
import {
  appendOfInstallation,
  INSTALLATION_CHAIN,
  type AppendAudit,
  type AuditActor,
  type AuditEntry,
} from '../audit/index.ts';
import { nameKey } from '../approvals/index.ts';
import { scopeText } from './scope-text.ts';
import type { SwitchMode, SwitchScope } from './types.ts';

export interface Thrown {
  readonly mode: SwitchMode;
  readonly scope: SwitchScope;
  readonly reason: string;
  readonly by: AuditActor;
}

/**
 * A switch holds from the commit of this transaction on.
 */
export async function throwSwitchNow(
  tx: Tx,
  owner: SwitchOwner,
  { mode, scope, reason, by }: Thrown,
  audit: AppendAudit,
): Promise<number> {
  const { kind, ...subject } = scope;
  const id = await throwSwitch(tx, owner, { mode, scope: kind, subject, reason, by: nameOf(by) });
  await alertTurnNow(tx, owner ?? INSTALLATION_CHAIN);
  await append(tx, owner, audit, entryOf('switch_thrown', { actor: by, reason, scope: kind, subject, mode }));
  return id;
}

/** What is about everybody stands in the installation's own chain. */
const append = (tx: Tx, owner: SwitchOwner, audit: AppendAudit, entry: AuditEntry): Promise<void> =>
  owner === null ? appendOfInstallation(tx, audit, [entry]) : audit(tx, owner, [entry]);

export interface Triggered extends Pick<Thrown, 'mode' | 'scope' | 'reason'> {
  readonly trigger: WatchKey & { readonly figures: JsonObject };
}

/** The same by a trigger of the project; what to tell the audit of it. */
export async function throwTriggered(
  tx: Tx,
  tenant: TenantId,
  { mode, scope, reason, trigger }: Triggered,
): Promise<AuditEntry> {
  const { kind, ...subject } = scope;
  const actor: AuditActor = { kind: 'gantry' };
  await throwSwitch(tx, tenant, { mode, scope: kind, subject, reason, by: nameOf(actor), trigger });
  await alertTurnNow(tx, tenant);
  const { trigger: name, figures } = trigger;
  return entryOf('switch_thrown', { actor, reason, scope: kind, subject, mode, trigger: name, figures });
}

/** `asked`: it holds until a second person grants it; `lifted`: it is over. */
export type LiftStep = 'asked' | 'lifted';

export interface Lift {
  readonly id: number;
  readonly by: string;
  /** How else they are called, lower case: one person under two names is one. */
  readonly aliases: readonly string[];
  readonly reason: string;
}

/**
 * Lifting takes two: whoever comes first asks, somebody else grants; the same
 * where a trigger threw it, which is nobody's first word. Raises
 * `not_found`, `switch_lifted`, `switch_needs_second_person`.
 */
export async function liftSwitchNow(
  tx: Tx,
  owner: SwitchOwner,
  { id, by, aliases, reason }: Lift,
  audit: AppendAudit,
): Promise<LiftStep> {
  const row = await lockSwitch(tx, owner, id);
  if (row === null) throw new GantryError('not_found', { message: `There is no switch ${String(id)}.` });
  if (row.liftedAt !== null) {
    throw new GantryError('switch_lifted', { message: `Switch ${String(id)} was lifted by ${row.liftedBy ?? ''}.` });
  }
  const { scope, subject, mode, trigger, triggerSubject } = row;
  const actor: AuditActor = { kind: 'operator', name: by };
  if (row.liftAskedBy === null) {
    await askToLift(tx, owner, id, by);
    await append(tx, owner, audit, entryOf('switch_lift_asked', { actor, reason, scope, subject, mode }));
    return 'asked';
  }
  const own = [nameKey(by), ...aliases];
  if (own.includes(nameKey(row.liftAskedBy)) || !(await liftSwitch(tx, owner, id, { by, own }))) {
    throw new GantryError('switch_needs_second_person', {
      message: `${by} has asked for switch ${String(id)} to be lifted; somebody else has to grant it.`,
      fix: 'Another operator calls the same, with a key of their own.',
    });
  }
  // Else what led to it would throw it again at once.
  if (owner !== null && trigger !== null && triggerSubject !== null) {
    await forgetSwitchWatch(tx, owner, { trigger, subject: triggerSubject });
  }
  await alertTurnNow(tx, owner ?? INSTALLATION_CHAIN);
  const told = { actor, reason, scope, subject, mode, askedBy: row.liftAskedBy };
  await append(tx, owner, audit, entryOf('switch_lifted', told));
  return 'lifted';
}

interface Told extends Pick<SwitchRow, 'scope' | 'subject' | 'mode'> {
  readonly actor: AuditActor;
  readonly reason: string;
  readonly askedBy?: string;
  readonly trigger?: string;
  readonly figures?: JsonObject;
}

function entryOf(
  kind: 'switch_thrown' | 'switch_lift_asked' | 'switch_lifted',
  { actor, reason, scope, subject, mode, askedBy, trigger, figures }: Told,
): AuditEntry {
  const detail: JsonObject = {
    mode,
    scope: scopeText({ scope, subject }),
    ...(askedBy === undefined ? {} : { asked_by: askedBy }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(figures === undefined ? {} : { figures }),
  };
  return { kind, actor, subject: subjectOf(subject), reason, amount: null, detail };
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
