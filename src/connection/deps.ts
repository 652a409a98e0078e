import type { Clock, Random } from '../kernel/index.ts';
import type { Db } from '../store/index.ts';
import type { Vault } from '../vault/index.ts';
import type { ConnectionLogEvent } from './events.ts';

/** What the use cases of this folder stand on. */
export interface ConnectionDeps {
  readonly db: Db;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: ConnectionLogEvent) => void;
}
