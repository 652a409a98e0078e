import { GantryError, type ConnectionId, type Random, type TenantId } from '../kernel/index.ts';
import type { Tx } from '../store/index.ts';
import { createDataKeys, masterKeyId, type DataKeyState } from './data-keys.ts';
import { openEnvelope, readEnvelope, sealEnvelope } from './envelope.ts';

/** Where a secret belongs. It opens in exactly this place, so a copied cipher text is worth nothing. */
export interface SecretContext {
  /** The connection, by number, or by slug while it has none yet; null for secrets of the tenant itself. */
  readonly connection: ConnectionId | string | null;
  /** `refresh_token`, `oauth_state` ... */
  readonly purpose: string;
}

/**
 * Secrets at rest: each is sealed under its tenant's data key, which is stored
 * wrapped under the master key. `tx` is a transaction of that tenant. All raise
 * `vault_unreadable`; no error ever carries a secret or a key.
 */
export interface Vault {
  seal(tx: Tx, tenant: TenantId, context: SecretContext, plaintext: string): Promise<Uint8Array>;
  open(tx: Tx, tenant: TenantId, context: SecretContext, sealed: Uint8Array): Promise<string>;
  /** New secrets get a new data key; older data keys are wrapped under the current master key. Older secrets still open. */
  rotate(tx: Tx, tenant: TenantId): Promise<void>;
  /** Wraps the tenant's data keys under the current master key. What none opens is counted and left as it is. */
  rewrap(tx: Tx, tenant: TenantId): Promise<{ readonly rewrapped: number; readonly unreadable: number }>;
  state(tx: Tx, tenant: TenantId): Promise<DataKeyState>;
  /** Tells master keys apart, says nothing about them: `9f31c0aa`. */
  readonly masterKeyName: string;
}

export interface VaultOptions {
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
  /** Older master keys, for opening only; dropped once every tenant was rotated. */
  readonly previousMasterKeys?: readonly Uint8Array[];
  readonly random: Random;
}

/** Raises `vault_key_invalid`. */
export function createVault(options: VaultOptions): Vault {
  const { masterKey, previousMasterKeys = [], random } = options;
  for (const key of [masterKey, ...previousMasterKeys]) checkMasterKey(key);
  const dataKeys = createDataKeys([masterKey, ...previousMasterKeys], random);
  return {
    seal: async (tx, tenant, context, plaintext) => {
      const dataKey = await dataKeys.newest(tx, tenant);
      if (dataKey === null) throw unreadable(context, 'the data key of this tenant does not open');
      const plain = Buffer.from(plaintext, 'utf8');
      return sealEnvelope(dataKey.key, dataKey.id, secretAad(tenant, context), plain, random);
    },
    open: async (tx, tenant, context, sealed) => {
      const envelope = readEnvelope(sealed);
      if (envelope === null) throw unreadable(context, 'the stored bytes are not a sealed secret');
      const dataKey = await dataKeys.read(tx, tenant, envelope.keyId);
      if (dataKey === null) throw unreadable(context, 'the data key that it was sealed under does not open');
      const plain = openEnvelope(dataKey.key, secretAad(tenant, context), envelope);
      if (plain === null) throw unreadable(context, 'it was altered or belongs elsewhere');
      return Buffer.from(plain).toString('utf8');
    },
    rotate: async (tx, tenant) => {
      if (await dataKeys.rotate(tx, tenant)) return;
      throw unreadable({ connection: null, purpose: 'data key' }, 'a data key of this tenant does not open');
    },
    rewrap: (tx, tenant) => dataKeys.rewrap(tx, tenant),
    state: (tx, tenant) => dataKeys.state(tx, tenant),
    masterKeyName: masterKeyId(masterKey).toString(16).padStart(8, '0'),
  };
}

function checkMasterKey(key: Uint8Array): void {
  if (key.length === 32) return;
  throw new GantryError('vault_key_invalid', {
    message: `The master key has ${key.length} bytes instead of 32.`,
  });
}

/** JSON, because no separator could be smuggled into it. */
function secretAad(tenant: TenantId, { connection, purpose }: SecretContext): string {
  return JSON.stringify(['secret', tenant, connection, purpose]);
}

function unreadable({ connection, purpose }: SecretContext, why: string): GantryError {
  return new GantryError('vault_unreadable', {
    message: `A stored secret (${purpose}) cannot be opened: ${why}.`,
    where: connection === null ? purpose : `connection ${connection}, ${purpose}`,
  });
}
