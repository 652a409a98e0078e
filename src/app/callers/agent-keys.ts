import { GantryError, suggest } from '../../kernel/index.ts';
import { listApiKeys, revokeApiKey, type ApiKeyRow, type Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';

/** A key as operators see it: never the key itself, which is not kept. */
export interface AgentKey {
  /** The beginning of its hash: enough to tell a tenant's keys apart. */
  readonly id: string;
  readonly agent: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly state: 'valid' | 'expired' | 'revoked';
}

/** Raises `not_found` for an unknown tenant. */
export async function listAgentKeys(db: Db, tenant: string): Promise<AgentKey[]> {
  const of = await requireTenant(db, tenant);
  return db.read(async (tx) => (await listApiKeys(tx, of)).map((row) => agentKey(row, tx.now)));
}

/** Takes a key back, in all processes at once. Raises `not_found` for an id that names no valid key of the tenant. */
export async function revokeAgentKey(db: Db, tenant: string, id: string): Promise<AgentKey> {
  const of = await requireTenant(db, tenant);
  return db.tx(async (tx) => {
    const valid = (await listApiKeys(tx, of)).filter((row) => agentKey(row, tx.now).state === 'valid');
    const row = valid.find((each) => idOf(each) === id);
    if (row === undefined || !(await revokeApiKey(tx, { tenant: of, hash: row.hash, at: tx.now }))) {
      throw new GantryError('not_found', {
        message: `Tenant ${tenant} has no valid key "${id.slice(0, 80)}".`,
        where: 'key',
        suggestions: suggest(id, valid.map(idOf)),
        fix: 'Name a key as `gantry key list` does.',
      });
    }
    return { ...agentKey(row, tx.now), state: 'revoked' };
  }, 'app.revoke_key');
}

const idChars = 12;

const idOf = (row: ApiKeyRow): string => Buffer.from(row.hash).toString('hex').slice(0, idChars);

function agentKey(row: ApiKeyRow, now: Date): AgentKey {
  const { agent, label, createdAt, expiresAt, revokedAt } = row;
  const expired = expiresAt !== null && expiresAt <= now;
  return {
    id: idOf(row),
    agent,
    label,
    createdAt,
    state: revokedAt !== null ? 'revoked' : expired ? 'expired' : 'valid',
  };
}
