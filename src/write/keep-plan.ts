import type { AuditActor } from '../audit/index.ts';
import {
  canonicalJson,
  contentHash,
  GantryError,
  isJsonObject,
  limits,
  type JsonObject,
  type TenantId,
} from '../kernel/index.ts';
import {
  addWritePlan,
  addWriteRequest,
  readWriteContents,
  readWritePlan,
  readWriteRequest,
  type Tx,
  type WriteRequestRow,
} from '../store/index.ts';
import { stopOf, stopped } from './commit.ts';
import type { WriteDeps } from './deps.ts';
import { agentOf, planEntry } from './entries.ts';
import { isUndoPlan } from './operations-of.ts';
import { planOf, planRow, writeRows } from './plan-row.ts';
import type { WritePlan } from './types.ts';

/** A request under a key of the caller's: the same key with the same body is the same request, for a week. */
export interface KeyedRequest {
  readonly key: string;
  readonly body: JsonObject;
}

/**
 * Keeps a plan as it was prepared, with its writes; nothing of it is sent.
 * Where another request under the same key came first, also at this very
 * moment, its plan is the answer. `actor`: who asked, where it is not the agent
 * whose plan it is. Raises `write_key_reused`, `write_key_invalid`, and
 * `writes_stopped` where a switch says that nothing is prepared.
 */
export async function keepPlan(
  deps: WriteDeps,
  tenant: TenantId,
  made: WritePlan,
  request: KeyedRequest | null,
  actor: AuditActor = agentOf(made),
): Promise<{ readonly plan: WritePlan; readonly repeated: boolean }> {
  const plan = actor.kind === 'operator' ? { ...made, preparedBy: actor.name } : made;
  if (request !== null) checkKey(request.key);
  try {
    const kept = await deps.db.tenantTx(
      tenant,
      (tx) => keep(deps, tx, tenant, { plan, request, actor }),
      'write.keep_plan',
    );
    return { plan: kept, repeated: false };
  } catch (error) {
    if (error !== earlierCame || request === null) throw error;
    const earlier = await planOfKey(deps, tenant, plan, request);
    if (earlier === null) throw new Error('a request that stood in the way is gone', { cause: error });
    return { plan: earlier, repeated: true };
  }
}

/** Undoes what was kept in the same transaction. */
const earlierCame = new Error('another request under this key came first');

async function keep(
  deps: WriteDeps,
  tx: Tx,
  tenant: TenantId,
  {
    plan,
    request,
    actor,
  }: { readonly plan: WritePlan; readonly request: KeyedRequest | null; readonly actor: AuditActor },
): Promise<WritePlan> {
  const stop = await stopOf(tx, tenant, plan, 'prepare');
  if (stop !== null) throw stopped(stop);
  const row = planRow(plan, { now: tx.now });
  await addWritePlan(tx, tenant, row, { writes: writeRows(plan), planned: 'planned' });
  if (request !== null) {
    const key = { tenant, agent: plan.agent, key: keptKey(plan, request) };
    const added = { body: hashesOf(request.body), plan: plan.id, since: keysSince(tx) };
    if (!(await addWriteRequest(tx, key, added))) throw earlierCame;
  }
  const { undoes: only, undoesAll = [] } = plan;
  const several = undoesAll.length === 0 ? {} : { undoes: `${String(undoesAll.length)} plans` };
  const undoes = only === null ? several : { undoes: only };
  const entry = planEntry(isUndoPlan(plan) ? 'undo_prepared' : 'plan_prepared', row, {
    actor,
    detail: { ...undoes, problems: plan.problems.length },
  });
  await deps.audit(tx, tenant, [entry]);
  return { ...plan, createdAt: row.createdAt, expiresAt: row.expiresAt };
}

/** The plan of an earlier request under this key, before anything is thought through; null: there is none. Raises `write_key_reused`. */
export async function planOfKey(
  deps: WriteDeps,
  tenant: TenantId,
  whose: Pick<WritePlan, 'agent' | 'principal'>,
  request: KeyedRequest,
): Promise<WritePlan | null> {
  checkKey(request.key);
  return deps.db.tenantRead(tenant, async (tx) => {
    const key = { tenant, agent: whose.agent, key: keptKey(whose, request) };
    const found = await readWriteRequest(tx, key, keysSince(tx));
    if (found === null) return null;
    requireSame(found, request);
    return readPlan(tx, tenant, found.plan);
  });
}

export async function readPlan(tx: Tx, tenant: TenantId, id: string): Promise<WritePlan | null> {
  const row = await readWritePlan(tx, tenant, id);
  return row === null ? null : planOf(row, await readWriteContents(tx, tenant, id));
}

/**
 * Each user has keys of their own: whoever guesses another's would learn that
 * it was used, and which parts of that request are like theirs. No key begins
 * like a kept one of a user (checkKey).
 */
const keptKey = ({ principal }: Pick<WritePlan, 'principal'>, { key }: KeyedRequest): string =>
  principal === null ? key : `§${contentHash(canonicalJson([principal, key]))}`;

const keysSince = (tx: Tx): Date => new Date(tx.now.getTime() - limits.writeKeyKeepMs);

/** Members that differ are named; what they say is not kept. */
function requireSame({ body }: WriteRequestRow, request: KeyedRequest): void {
  const now = hashesOf(request.body);
  // Of a body that was kept when lengths were not, none is known: it is held against the members alone.
  const isHeld = (name: string): boolean => name !== LENGTH && (Object.hasOwn(body, LENGTH) || !name.endsWith(LENGTH));
  const names = [...new Set([...Object.keys(body), ...Object.keys(now)])].filter(isHeld);
  const different = names.filter((name) => body[name] !== now[name]);
  if (different.length === 0) return;
  const told = different.map((name) => (name.endsWith(LENGTH) ? `number of ${name.slice(0, -LENGTH.length)}` : name));
  throw new GantryError('write_key_reused', {
    message: `This key was used before with another ${told.join(', ')}; nothing was done.`,
    where: 'Idempotency-Key',
    data: { fields: different },
  });
}

/**
 * By member, two levels deep, so that a difference can be named:
 * `records[3].values`. Of a list its length as well: a record without members
 * leaves nothing else.
 */
export function hashesOf(body: JsonObject): JsonObject {
  const hashes: Record<string, string> = {};
  const note = (name: string, value: unknown): void => {
    hashes[name] = contentHash(canonicalJson(value as JsonObject));
  };
  note(LENGTH, Object.keys(body).length);
  for (const [name, value] of Object.entries(body)) {
    if (!Array.isArray(value) || value.length > MEMBERS_NAMED) note(name, value);
    else {
      note(`${name}${LENGTH}`, value.length);
      for (const [index, each] of value.entries()) {
        const at = `${name}[${String(index)}]`;
        if (!isJsonObject(each)) note(at, each);
        else for (const [member, inner] of Object.entries(each)) note(`${at}.${member}`, inner);
      }
    }
  }
  return hashes;
}

const MEMBERS_NAMED = 100;

/** Stands behind a list's name, where no member's name does; alone for the body itself: lengths were noted. */
const LENGTH = '[length]';

function checkKey(key: string): void {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return;
  throw new GantryError('write_key_invalid', {
    message: 'This idempotency key cannot be used.',
    where: 'Idempotency-Key',
  });
}
