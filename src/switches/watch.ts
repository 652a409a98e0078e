import type { AuditEntry } from '../audit/index.ts';
import type { TenantId } from '../kernel/index.ts';
import type { SwitchTrigger } from '../manifest/index.ts';
import { isTriggered, keepSwitchWatch, lockSwitchWatch, type Tx } from '../store/index.ts';
import { counted, partsIn, partsJson, totalOf, type Figures } from './counted.ts';
import { throwTriggered } from './manage.ts';
import { countsOf, figuresJson, isOver, reasonOf, scopeOf, type Watched } from './trigger.ts';

/** Counts what happened, and throws what follows. To be called right before the audit, which gets what is returned. */
export type WriteWatch = (tx: Tx, tenant: TenantId, watched: Watched) => Promise<readonly AuditEntry[]>;

/**
 * In the transaction of what is counted. Whoever counts the same waits until
 * that has ended, so that of many workers the one that goes over the limit
 * throws the switch, once; while it holds, nobody throws another.
 */
export function writeWatch(triggers: readonly SwitchTrigger[]): WriteWatch {
  // Everybody in one order: two transactions never wait for each other.
  const ordered = triggers.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return async (tx, tenant, watched) => {
    const entries: AuditEntry[] = [];
    for (const trigger of ordered) {
      const counts = [...countsOf(trigger, watched)].toSorted(([one], [other]) => (one < other ? -1 : 1));
      for (const [subject, add] of counts) entries.push(...(await count(tx, tenant, { trigger, subject, add })));
    }
    return entries;
  };
}

async function count(
  tx: Tx,
  tenant: TenantId,
  { trigger, subject, add }: { readonly trigger: SwitchTrigger; readonly subject: string; readonly add: Figures },
): Promise<AuditEntry[]> {
  const key = { trigger: trigger.name, subject };
  const kept = partsIn(await lockSwitchWatch(tx, tenant, key));
  const parts = counted(kept, add, { now: tx.now, windowMs: trigger.withinMs });
  await keepSwitchWatch(tx, tenant, key, partsJson(parts));
  const figures = totalOf(parts);
  if (!isOver(trigger.limit, figures) || (await isTriggered(tx, tenant, key))) return [];
  const thrown = {
    mode: trigger.mode,
    scope: scopeOf(trigger, subject),
    reason: reasonOf(trigger, subject, figures),
    trigger: { ...key, figures: figuresJson(trigger, figures) },
  };
  return [await throwTriggered(tx, tenant, thrown)];
}
