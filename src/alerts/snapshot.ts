import { limits, type ConnectionId, type StreamId, type TenantId } from '../kernel/index.ts';
import {
  accessDoubts,
  accessHealth,
  countDeadDeliveries,
  countDeadInbox,
  countDeadLetters,
  countQuarantine,
  lineHealth,
  listConnections,
  listCredentials,
  listStreams,
  listSubscriptions,
  openSwitches,
  stuckTakeBacks,
  type AccessDoubt,
  type AccessHealth,
  type ConnectionRow,
  type CredentialSummary,
  type DeadCount,
  type DeadLetterCount,
  type LineHealth,
  type StreamRow,
  type StuckTakeBack,
  type SubscriptionRow,
  type SwitchRow,
  type Tx,
} from '../store/index.ts';

/** What the database says of a tenant, at one moment. Plain data. */
export interface Snapshot {
  readonly now: Date;
  readonly connections: readonly ConnectionRow[];
  readonly streams: readonly StreamRow[];
  readonly credentials: readonly CredentialSummary[];
  readonly lines: readonly LineHealth[];
  readonly deadLetters: readonly DeadLetterCount[];
  readonly quarantined: ReadonlyMap<StreamId, number>;
  /** Of connections whose rights are learned. */
  readonly accessHealth: readonly AccessHealth[];
  readonly accessDoubts: readonly AccessDoubt[];
  readonly deadInbox: readonly (DeadCount & { readonly connection: ConnectionId })[];
  readonly subscriptions: readonly SubscriptionRow[];
  readonly deadDeliveries: readonly (DeadCount & { readonly subscription: number })[];
  /** What holds for the tenant, that about everybody included. */
  readonly switches: readonly SwitchRow[];
  /** What could not be taken back, and waits for a person. */
  readonly takeBacks: readonly StuckTakeBack[];
  /** Keys of alerts that are not over. */
  readonly present: ReadonlySet<string>;
}

/** Everything that a look at a tenant reads of it. */
export async function readSnapshot(tx: Tx, tenant: TenantId, present: ReadonlySet<string>): Promise<Snapshot> {
  return {
    now: tx.now,
    connections: await listConnections(tx, tenant),
    streams: await listStreams(tx, tenant),
    credentials: await listCredentials(tx, tenant),
    lines: await lineHealth(tx, tenant),
    deadLetters: await countDeadLetters(tx, tenant, 'dead'),
    quarantined: await countQuarantine(tx, tenant),
    accessHealth: await accessHealth(tx, tenant),
    accessDoubts: await accessDoubts(tx, tenant),
    deadInbox: await countDeadInbox(tx, tenant),
    subscriptions: await listSubscriptions(tx, tenant),
    deadDeliveries: await countDeadDeliveries(tx, tenant),
    switches: await openSwitches(tx, tenant),
    takeBacks: await stuckTakeBacks(tx, tenant, limits.plansListedMax),
    present,
  };
}
