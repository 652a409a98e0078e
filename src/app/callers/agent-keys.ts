import { auditAppender, changeEntry } from '../../audit/index.ts';
import { GantryError, limits, suggest, type Random, type TenantId } from '../../kernel/index.ts';
import {
  addApiKey,
  endApiKeyAt,
  hashApiKey,
  listApiKeys,
  revokeApiKey,
  withinTenant,
  type ApiKeyRow,
  type Db,
  type Tx,
} from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';

/** A key as operators see it: never the key itself, which is not kept. */
export interface AgentKey {
  /** The beginning of its hash: enough to tell a tenant's keys apart. */
  readonly id: string;
  readonly agent: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the hour; null: never. */
  readonly lastUsedAt: Date | null;
  readonly state: 'valid' | 'expired' | 'revoked';
}

export interface KeyDeps {
  readonly db: Db;
  readonly random: Random;
  /** Name of the operator; null: somebody at the machine. */
  readonly by?: string | null;
}

/** Into the audit, in the transaction of the change, last. */
export async function keepKeyChange(
  tx: Tx,
  tenant: TenantId,
  change: Pick<KeyDeps, 'random' | 'by'> & { readonly agent: string; readonly id: string; readonly done: string },
): Promise<void> {
  const { random, by = null, agent, id, done } = change;
  const entry = changeEntry({ by, what: `a key of agent ${agent}: ${done}`, after: { agent, key: id, done } });
  await withinTenant(tx, tenant, () => auditAppender(random)(tx, tenant, [entry]));
}

/** Raises `not_found` for an unknown tenant. */
export async function listAgentKeys(db: Db, tenant: string): Promise<AgentKey[]> {
  const of = await requireTenant(db, tenant);
  return db.read(async (tx) => (await listApiKeys(tx, of)).map((row) => agentKey(row, tx.now)));
}

/** Takes a key back, in all processes at once. Raises `not_found` for an id that names no valid key of the tenant. */
export async function revokeAgentKey(
  { db, random, by = null }: KeyDeps,
  tenant: string,
  id: string,
): Promise<AgentKey> {
  const of = await requireTenant(db, tenant);
  return db.tx(async (tx) => {
    const row = await validKey(tx, { tenant, of, id });
    if (!(await revokeApiKey(tx, { tenant: of, hash: row.hash, at: tx.now })))
      throw new Error('a valid key was not revoked');
    await keepKeyChange(tx, of, { random, by, agent: row.agent, id, done: 'taken back' });
    return { ...agentKey(row, tx.now), state: 'revoked' };
  }, 'app.revoke_key');
}

export interface RotatedKey {
  /** Shown once: only its hash is kept. */
  readonly key: string;
  readonly agent: string;
  /** Until when the one before is good, too. */
  readonly previousUntil: Date;
}

/**
 * A new key for the same agent, with the same label and end; the old one stays
 * good for `overlapHours`. Raises `not_found`, and `bad_request` for an overlap
 * that nobody would call one.
 */
export async function rotateAgentKey(
  { db, random, by = null }: KeyDeps,
  { tenant, id, overlapHours }: { readonly tenant: string; readonly id: string; readonly overlapHours: number },
): Promise<RotatedKey> {
  if (!(overlapHours >= 0 && overlapHours <= limits.keyOverlapMaxHours)) {
    throw new GantryError('bad_request', {
      message: `The old key can stay good for 0 to ${String(limits.keyOverlapMaxHours)} hours.`,
      where: '--overlap-hours',
    });
  }
  const of = await requireTenant(db, tenant);
  const key = newAgentKey(random);
  return db.tx(async (tx) => {
    const row = await validKey(tx, { tenant, of, id });
    const { agent, label, expiresAt } = row;
    const previousUntil = new Date(tx.now.getTime() + overlapHours * HOUR_MS);
    await addApiKey(tx, { key, tenant: of, agent, label, at: tx.now, ...(expiresAt === null ? {} : { expiresAt }) });
    await endApiKeyAt(tx, { tenant: of, hash: row.hash, at: previousUntil });
    await keepKeyChange(tx, of, { random, by, agent, id, done: 'exchanged' });
    return { key, agent, previousUntil };
  }, 'app.rotate_key');
}

const HOUR_MS = 3_600_000;

export const newAgentKey = (random: Random): string => `gtk_${Buffer.from(random.bytes(32)).toString('base64url')}`;

/** Raises `not_found` for an id that names no valid key of the tenant. */
async function validKey(
  tx: Tx,
  { tenant, of, id }: { readonly tenant: string; readonly of: TenantId; readonly id: string },
): Promise<ApiKeyRow> {
  const valid = (await listApiKeys(tx, of)).filter((row) => agentKey(row, tx.now).state === 'valid');
  const row = valid.find((each) => idOf(each) === id);
  if (row !== undefined) return row;
  throw new GantryError('not_found', {
    message: `Tenant ${tenant} has no valid key "${id.slice(0, 80)}".`,
    where: 'key',
    suggestions: suggest(id, valid.map(idOf)),
    fix: 'Name a key as `gantry key list` does.',
  });
}

const idChars = 12;

const idOf = ({ hash }: Pick<ApiKeyRow, 'hash'>): string => Buffer.from(hash).toString('hex').slice(0, idChars);

export const agentKeyId = (key: string): string => idOf({ hash: hashApiKey(key) });

function agentKey(row: ApiKeyRow, now: Date): AgentKey {
  const { agent, label, createdAt, expiresAt, revokedAt, lastUsedAt } = row;
  const expired = expiresAt !== null && expiresAt <= now;
  return {
    id: idOf(row),
    agent,
    label,
    createdAt,
    expiresAt,
    lastUsedAt,
    state: revokedAt !== null ? 'revoked' : expired ? 'expired' : 'valid',
  };
}
