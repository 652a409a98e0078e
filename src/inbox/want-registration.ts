import { addRegistration, lockRegistration, turnRegistration, type InboxKey, type Tx } from '../store/index.ts';
import { afterRegistrationEvent, type RegistrationState } from './registration-state.ts';

/**
 * A provider shall call us as `version` says, or, where that is null, not call
 * us any more. Harmless where it is so already. True: there is something to do.
 */
export async function wantRegistration(tx: Tx, key: InboxKey, version: string | null): Promise<boolean> {
  const row = await lockRegistration(tx, key);
  const state = (row?.state ?? 'none') as RegistrationState;
  const next = afterRegistrationEvent(state, version === null ? 'unwished' : 'wished');
  if (row === null) return next !== 'none' && addRegistration(tx, key, next);
  if (version === null ? state === 'removing' : isAgreed(state, row.version === version)) return false;
  await turnRegistration(tx, key, next);
  return true;
}

/** What failed is tried again by itself. */
const isAgreed = (state: RegistrationState, same: boolean): boolean =>
  state === 'wanted' || (same && (state === 'registered' || state === 'failed'));
