import { limits, type TenantId } from '../../kernel/index.ts';
import { dropUnusedClasses, highestClass, listAccess, unusedClasses, type Db } from '../../store/index.ts';

/**
 * Takes access classes away that nothing has any more. To find them all records
 * of a connection are looked through: that is done again only where many classes
 * came since, and the lock is taken only where there are many to take away.
 */
export function createClassCollector(
  db: Db,
): (request: { readonly tenant: TenantId; readonly signal: AbortSignal }) => Promise<void> {
  const looked = new Map<string, number>();
  return async ({ tenant, signal }) => {
    for (const { connection } of await db.tenantRead(tenant, (tx) => listAccess(tx, tenant))) {
      if (signal.aborted) return;
      const key = { tenant, connection };
      const name = `${String(tenant)} ${String(connection)}`;
      const highest = await db.tenantRead(tenant, (tx) => highestClass(tx, key));
      if (highest - (looked.get(name) ?? 0) < limits.accessUnusedClassesMin) continue;
      const unused = await db.tenantRead(tenant, (tx) => unusedClasses(tx, key));
      if (unused.length >= limits.accessUnusedClassesMin) {
        await db.tenantTx(tenant, (tx) => dropUnusedClasses(tx, key), 'access.drop_unused_classes');
      }
      looked.set(name, highest);
    }
  };
}
