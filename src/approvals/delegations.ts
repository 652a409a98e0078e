import { appendOfInstallation, type AuditEntry } from '../audit/index.ts';
import { GantryError, limits } from '../kernel/index.ts';
import { addDelegation, endDelegation, listDelegations, operatorRoleOf, type DelegationRow } from '../store/index.ts';
import { nameKey } from './may-decide.ts';
import type { ApprovalDeps, Decider } from './types.ts';

type Deps = Pick<ApprovalDeps, 'db' | 'audit'>;

/** Those that hold now or will. Of the whole installation: operators are. */
export const delegationsNow = ({ db }: Pick<Deps, 'db'>): Promise<readonly DelegationRow[]> => listDelegations(db);

/**
 * For a while somebody else may decide what is asked of this person. An
 * administrator may arrange it for another (somebody fell ill). Raises
 * `delegation_invalid`, `approval_needs_person`, `role_required`.
 */
export async function delegate(
  { db, audit }: Deps,
  by: Decider,
  wish: { readonly from: string; readonly to: string; readonly since: Date | null; readonly until: Date },
): Promise<DelegationRow> {
  checkGiver(by, wish.from);
  const [name, toName] = [nameKey(wish.from), nameKey(wish.to)];
  if (name === toName) throw invalid('Nobody stands in for themselves.', 'to');
  return db.tx(async (tx) => {
    const since = wish.since ?? tx.now;
    const latest = since.getTime() + limits.delegationMaxMs;
    if (wish.until <= tx.now || wish.until <= since || wish.until.getTime() > latest) {
      throw invalid('It ends after it begins, in the future, and within 90 days.', 'until');
    }
    const role = await operatorRoleOf(tx, toName);
    if (role !== 'approver' && role !== 'admin') {
      throw invalid(`${wish.to.slice(0, 100)} is no operator who may approve.`, 'to');
    }
    const given = await addDelegation(tx, { name, toName, since, until: wish.until, createdBy: by.name });
    await appendOfInstallation(tx, audit, [entryOf('approval_delegated', by, given)]);
    return given;
  }, 'approvals.delegate');
}

/** One's own; an administrator ends anybody's. Raises `delegation_unknown`. */
export async function undelegate({ db, audit }: Deps, by: Decider, id: number): Promise<void> {
  const of = by.role === 'admin' ? null : nameKey(by.name);
  const isEnded =
    by.role !== null &&
    (await db.tx(async (tx) => {
      const ended = await endDelegation(tx, id, of);
      if (ended !== null) await appendOfInstallation(tx, audit, [entryOf('delegation_ended', by, ended)]);
      return ended !== null;
    }, 'approvals.undelegate'));
  if (isEnded) return;
  throw new GantryError('delegation_unknown', { message: `There is no delegation ${String(id)} of yours.` });
}

/** In the installation's chain, as operators are of all tenants: who may decide in whose place is part of every approval. */
const entryOf = (
  kind: 'approval_delegated' | 'delegation_ended',
  { name: by }: Decider,
  { id, name: from, toName: to, since, until }: DelegationRow,
): AuditEntry => ({
  kind,
  actor: { kind: 'operator', name: by },
  subject: {},
  reason: null,
  amount: null,
  detail: { delegation: id, from, to, since: since.toISOString(), until: until.toISOString() },
});

function checkGiver({ name, role }: Decider, from: string): void {
  if (role === null) {
    throw new GantryError('approval_needs_person', { message: 'The key that several people share gives nothing on.' });
  }
  if (role === 'admin' || (role === 'approver' && nameKey(name) === nameKey(from))) return;
  throw new GantryError('role_required', {
    message: `${name} is ${role}; giving another person's approvals on needs admin.`,
    data: { role: 'admin' },
  });
}

const invalid = (message: string, where: string): GantryError =>
  new GantryError('delegation_invalid', { message, where });
