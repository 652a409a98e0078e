import type { VaultUseCases } from '../../api/index.ts';
import { changeEntry, type AppendAudit } from '../../audit/index.ts';
import { resealCredentials } from '../../connection/index.ts';
import { limits, type TenantId } from '../../kernel/index.ts';
import { countUnderOtherKeys, listTenants, type Db, type TenantRow } from '../../store/index.ts';
import type { Vault } from '../../vault/index.ts';

interface VaultDeps {
  readonly db: Db;
  readonly vault: Vault;
  readonly append: AppendAudit;
}

/** Keys of the vault, as the REST door offers them: how they stand, and exchanging them under load, some tenants at a time. */
export function createVaultUseCases(deps: VaultDeps): VaultUseCases {
  return {
    status: async () => {
      const counts = { tenants: 0, data_keys: 0, under_other_master: 0, unreadable: 0, sealed_under_older: 0 };
      for (const { id } of await listTenants(deps.db)) {
        const state = await stateOf(deps, id);
        counts.tenants += 1;
        counts.data_keys += state.keys;
        counts.under_other_master += state.underOtherMaster;
        counts.unreadable += state.unreadable;
        counts.sealed_under_older += state.older;
      }
      return { master_key: deps.vault.masterKeyName, ...counts };
    },
    rotate: async (operator, { after, dataKeys }) => {
      const all = (await listTenants(deps.db)).toSorted((a, b) => a.id - b.id).filter(({ id }) => id > (after ?? 0));
      const portion = all.slice(0, limits.vaultTenantsMax);
      const counts = { rewrapped: 0, resealed: 0, unreadable: 0 };
      for (const tenant of portion) await rotateTenant({ ...deps, by: operator.name }, tenant, dataKeys, counts);
      const last = portion.at(-1);
      return { ...counts, tenants: portion.length, next: last === undefined || last === all.at(-1) ? null : last.id };
    },
  };
}

async function rotateTenant(
  { db, vault, append, by }: VaultDeps & { readonly by: string },
  { id: tenant }: TenantRow,
  dataKeys: boolean,
  counts: { rewrapped: number; resealed: number; unreadable: number },
): Promise<void> {
  const { rewrapped, unreadable } = await db.tenantTx(
    tenant,
    async (tx) => {
      const done = await vault.rewrap(tx, tenant);
      const { newest } = await vault.state(tx, tenant);
      // A tenant without a secret gets its key with the first one.
      if (dataKeys && newest !== null && done.unreadable === 0) await vault.rotate(tx, tenant);
      const after = { ...done, data_key: dataKeys && newest !== null && done.unreadable === 0 };
      await append(tx, tenant, [changeEntry({ by, what: 'the keys that seal its secrets', after })]);
      return done;
    },
    'vault.rotate',
  );
  counts.rewrapped += rewrapped;
  counts.unreadable += unreadable;
  // Without a key that opens, nothing can be sealed anew.
  if (unreadable > 0) return;
  // Also what an earlier rotation was cut off from.
  const done = await resealCredentials({ db, vault }, tenant);
  counts.resealed += done.resealed;
  counts.unreadable += done.unreadable;
}

function stateOf({ db, vault }: VaultDeps, tenant: TenantId) {
  return db.tenantRead(tenant, async (tx) => {
    const state = await vault.state(tx, tenant);
    return { ...state, older: state.newest === null ? 0 : await countUnderOtherKeys(tx, tenant, state.newest) };
  });
}
