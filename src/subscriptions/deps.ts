import type { Dispatcher } from 'undici';
import type { Clock, Random, TenantId } from '../kernel/index.ts';
import type { Db, SubscriptionRow, Tx } from '../store/index.ts';
import type { Vault } from '../vault/index.ts';
import type { SubscriptionLogEvent } from './events.ts';
import type { ReceiverRules } from './receiver-agent.ts';
import type { Viewer } from './view-change.ts';

/** What telling others of changes stands on. */
export interface SubscriptionDeps {
  readonly db: Db;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: SubscriptionLogEvent) => void;
  /** The agent as it is now; null: there is no such agent any more. Asked for every event. */
  readonly viewerOf: (tenant: TenantId, agent: string, principal: string | null) => Promise<Viewer | null>;
  /** How many days earlier versions of records are kept. */
  readonly keepDays: (tenant: TenantId) => Promise<number>;
  readonly rules: ReceiverRules;
  /** By which receivers are called. */
  readonly receivers: Dispatcher;
  /** Ours, no trailing slash: where what was too large to be sent is fetched. */
  readonly publicUrl: string;
  /** Told of what operators change, in the transaction of the change, last. */
  readonly changed?: (tx: Tx, tenant: TenantId, deed: SubscriptionDeed) => Promise<void>;
  /** Default `limits.deliveryTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Default `limits.subscriptionLeaseMs`. */
  readonly leaseMs?: number;
}

/** What an operator did to a subscription. */
export interface SubscriptionDeed {
  readonly row: SubscriptionRow;
  readonly done: 'made' | 'paused' | 'resumed' | 'secret exchanged' | 'removed' | 'sent again';
  /** Null: nobody who has a name here. */
  readonly by: string | null;
}
