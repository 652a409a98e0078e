import type { Clock, Random, TenantId } from '../kernel/index.ts';
import type { Db, Tx } from '../store/index.ts';
import type { Vault } from '../vault/index.ts';
import type { ConnectionEvent, ConnectionState } from './connection-state.ts';
import type { ConnectionLogEvent } from './events.ts';

/** Whom a call is about: a connection's name, and the user with whose sign-in it is made. */
export interface CallAct {
  readonly connection: string;
  readonly principal?: string;
}

/** What somebody did to a connection. */
export interface ConnectionDeed {
  readonly slug: string;
  /** Null: who signed in is no operator of ours. */
  readonly by: string | null;
  readonly event: ConnectionEvent;
  /** State before; null: there was none. */
  readonly from: ConnectionState | null;
  readonly note: string | null;
  /** Of the account at the provider, where somebody signed in. */
  readonly account: string | null;
}

/** What the use cases of this folder stand on. */
export interface ConnectionDeps {
  readonly db: Db;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: ConnectionLogEvent) => void;
  /** Keeps who changed a connection, in the transaction of the change, last. Absent: nobody keeps it. */
  readonly changed?: (tx: Tx, tenant: TenantId, change: ConnectionDeed) => Promise<void>;
  /** Asked before a token is given out or renewed; raises `calls_stopped`. Absent: nothing is ever stopped. */
  readonly mayCall?: (tenant: TenantId, act: CallAct) => Promise<void>;
}
