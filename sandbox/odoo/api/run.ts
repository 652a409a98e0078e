import type { Org } from '../org.ts';
import type { Call, Method } from '../orm/methods.ts';

/** One call is one transaction: what fails leaves nothing, in the database and in the ledger. */
export function run(org: Org, method: Method, call: Call): unknown {
  try {
    return org.transactions.run(() => method.run(call));
  } catch (error) {
    call.effects.length = 0;
    throw error;
  }
}
