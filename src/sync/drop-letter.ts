import type { TenantId } from '../kernel/index.ts';
import { removeLetterById, type DeadLetterRow, type Tx } from '../store/index.ts';

/**
 * Somebody who looked does not want it any more. Returns what it was; null:
 * there is none. Not a promise: what is read again and fails again is one again.
 */
export function dropLetter(
  tx: Tx,
  { tenant, letter }: { readonly tenant: TenantId; readonly letter: number },
): Promise<DeadLetterRow | null> {
  return removeLetterById(tx, tenant, letter);
}
