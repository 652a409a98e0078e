import { createHash } from 'node:crypto';
import type { Random, TenantId } from '../kernel/index.ts';
import type { Tx } from '../store/index.ts';
import { openEnvelope, readEnvelope, sealEnvelope } from './envelope.ts';

/** A tenant's own key. It leaves the database only wrapped under the master key. */
export interface DataKey {
  readonly id: number;
  readonly key: Uint8Array;
}

export const dataKeysSql = {
  newest: 'select id, wrapped from data_key where tenant = $1 order by id desc limit 1',
  read: 'select id, wrapped from data_key where tenant = $1 and id = $2',
  list: 'select id, wrapped from data_key where tenant = $1 order by id',
  all: 'select id, wrapped from data_key where tenant = $1 order by id for update',
  add: 'insert into data_key (tenant, id, wrapped, created_at) values ($1, $2, $3, $4) on conflict (tenant, id) do nothing',
  wrapAgain: 'update data_key set wrapped = $3 where tenant = $1 and id = $2',
} as const;

/** Of one tenant. */
export interface DataKeyState {
  /** Number of the key for new secrets; null: there is no secret yet. */
  readonly newest: number | null;
  readonly keys: number;
  /** Wrapped under another master key than the current one. */
  readonly underOtherMaster: number;
  /** No master key that is given opens them. */
  readonly unreadable: number;
}

interface WrappedRow {
  readonly id: number;
  readonly wrapped: Uint8Array;
}

/** A number that tells master keys apart and says nothing about them. */
export function masterKeyId(masterKey: Uint8Array): number {
  return createHash('sha256').update('gantry master key id').update(masterKey).digest().readUInt32BE(0);
}

/**
 * Reads and makes data keys. Nothing is cached: a key made in a transaction
 * that rolls back must not outlive it, and unwrapping costs microseconds.
 */
export function createDataKeys(masterKeys: readonly [Uint8Array, ...Uint8Array[]], random: Random) {
  const byId = new Map(masterKeys.map((key) => [masterKeyId(key), key]));
  const [current] = masterKeys;

  const wrap = (tenant: TenantId, { id, key }: DataKey): Uint8Array =>
    sealEnvelope(current, masterKeyId(current), wrapAad(tenant, id), key, random);

  const unwrap = (tenant: TenantId, row: WrappedRow): DataKey | null => {
    const envelope = readEnvelope(row.wrapped);
    const masterKey = envelope === null ? undefined : byId.get(envelope.keyId);
    if (envelope === null || masterKey === undefined) return null;
    const key = openEnvelope(masterKey, wrapAad(tenant, row.id), envelope);
    return key === null ? null : { id: row.id, key };
  };

  const isCurrent = ({ wrapped }: WrappedRow): boolean => readEnvelope(wrapped)?.keyId === masterKeyId(current);

  const add = async (tx: Tx, tenant: TenantId, id: number): Promise<void> => {
    await tx.query(dataKeysSql.add, [tenant, id, wrap(tenant, { id, key: random.bytes(32) }), tx.now]);
  };

  return {
    /** The key for new secrets; made for the tenant's first one. Null: it does not unwrap. */
    newest: async (tx: Tx, tenant: TenantId): Promise<DataKey | null> => {
      const [row] = await tx.query<WrappedRow>(dataKeysSql.newest, [tenant]);
      if (row !== undefined) return unwrap(tenant, row);
      await add(tx, tenant, 1);
      // Whoever was first: a concurrent transaction may have added it.
      const [made] = await tx.query<WrappedRow>(dataKeysSql.newest, [tenant]);
      return made === undefined ? null : unwrap(tenant, made);
    },
    /** Null: there is none, or it does not unwrap. */
    read: async (tx: Tx, tenant: TenantId, id: number): Promise<DataKey | null> => {
      const [row] = await tx.query<WrappedRow>(dataKeysSql.read, [tenant, id]);
      return row === undefined ? null : unwrap(tenant, row);
    },
    /** Wraps under the current master key what is wrapped under another one. */
    rewrap: async (tx: Tx, tenant: TenantId): Promise<{ rewrapped: number; unreadable: number }> => {
      const counts = { rewrapped: 0, unreadable: 0 };
      for (const row of await tx.query<WrappedRow>(dataKeysSql.all, [tenant])) {
        if (isCurrent(row)) continue;
        const key = unwrap(tenant, row);
        if (key === null) counts.unreadable += 1;
        else {
          await tx.query(dataKeysSql.wrapAgain, [tenant, key.id, wrap(tenant, key)]);
          counts.rewrapped += 1;
        }
      }
      return counts;
    },
    /** How the tenant's keys stand, without changing any. */
    state: async (tx: Tx, tenant: TenantId): Promise<DataKeyState> => {
      const rows = await tx.query<WrappedRow>(dataKeysSql.list, [tenant]);
      return {
        newest: rows.at(-1)?.id ?? null,
        keys: rows.length,
        underOtherMaster: rows.filter((row) => !isCurrent(row)).length,
        unreadable: rows.filter((row) => unwrap(tenant, row) === null).length,
      };
    },
    /** Adds a key for new secrets and wraps every older one under the current master key. False: one does not unwrap. */
    rotate: async (tx: Tx, tenant: TenantId): Promise<boolean> => {
      const rows = await tx.query<WrappedRow>(dataKeysSql.all, [tenant]);
      const keys = rows.map((row) => unwrap(tenant, row));
      if (keys.includes(null)) return false;
      for (const key of keys) {
        if (key !== null) await tx.query(dataKeysSql.wrapAgain, [tenant, key.id, wrap(tenant, key)]);
      }
      await add(tx, tenant, (rows.at(-1)?.id ?? 0) + 1);
      return true;
    },
  };
}

function wrapAad(tenant: TenantId, id: number): string {
  return JSON.stringify(['data key', tenant, id]);
}
