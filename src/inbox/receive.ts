import { GantryError, limits, toGantryError, type Clock } from '../kernel/index.ts';
import type { WebhookDelivery, WebhookReading, WebhookSource } from '../connectors/index.ts';
import { findWebhook, noteRefused, readWebhook, type Db, type InboxKey, type Tx } from '../store/index.ts';
import { gatherEvents } from './gather.ts';

export interface ReceiveDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** How the connection's provider signs and tells; null: it is not to be told of now. */
  readonly sourceOf: (key: InboxKey) => Promise<WebhookSource | null>;
  readonly openSecret: (tx: Tx, key: InboxKey, sealed: Uint8Array) => Promise<string>;
  readonly onEvent: (event: ReceiveEvent) => void;
}

export type ReceiveEvent = { readonly kind: 'webhook_refused' } & InboxKey;

/** What the provider hears. */
export type Received =
  | { readonly kind: 'kept'; readonly events: number }
  | Extract<WebhookReading, { kind: 'challenge' }>
  /** Nobody's address. */
  | { readonly kind: 'unknown' };

interface Place extends InboxKey {
  readonly source: WebhookSource;
  readonly secrets: readonly string[];
  /** Monotonic ms. */
  readonly until: number;
}

/**
 * Takes deliveries: believed after the signature, answered after the commit.
 * Tenant and connection come from the address alone, never from the body. Raises
 * `webhook_signature_invalid`, `webhook_unreadable`, `webhook_not_kept`.
 */
export function createReceiver(deps: ReceiveDeps): (address: string, delivery: WebhookDelivery) => Promise<Received> {
  const places = new Map<string, Place>();
  const keep = gatherEvents(deps.db);

  const placeOf = async (address: string, fresh: boolean): Promise<Place | null> => {
    const known = places.get(address);
    if (!fresh && known !== undefined && known.until > deps.clock.monotonicMs()) return known;
    places.delete(address);
    const place = await readPlace(deps, address);
    // Only addresses that exist are remembered, so that guessing fills nothing.
    if (place !== null) places.set(address, place);
    return place;
  };

  const believed = async (address: string, delivery: WebhookDelivery): Promise<Place | null> => {
    const known = await placeOf(address, false);
    if (known === null || isSigned(known, delivery) === null) return known;
    // The secret may have been exchanged just now.
    const place = await placeOf(address, true);
    const refusal = place === null ? null : isSigned(place, delivery);
    if (place === null || refusal === null) return place;
    await countRefusal(deps, place);
    throw refusal;
  };

  return async (address, delivery) => {
    const place = await orAway(believed(address, delivery));
    if (place === null) return { kind: 'unknown' };
    const reading = place.source.read(delivery);
    if (reading.kind === 'challenge') return reading;
    if (reading.events.length > 0) await orAway(keep(place, reading.events));
    return { kind: 'kept', events: reading.events.length };
  };
}

/** What went wrong with keeping is one thing to a provider: try again. */
async function orAway<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof GantryError && cause.code === 'webhook_signature_invalid') throw cause;
    throw new GantryError('webhook_not_kept', { message: 'The delivery could not be kept.', cause });
  }
}

async function readPlace({ db, clock, sourceOf, openSecret }: ReceiveDeps, address: string): Promise<Place | null> {
  const key = await findWebhook(db, address);
  if (key === null) return null;
  const source = await sourceOf(key);
  if (source === null) return null;
  const secrets = await db.tenantRead(key.tenant, async (tx) => {
    const row = await readWebhook(tx, key);
    if (row === null) return null;
    const { secret, previousSecret, previousUntil } = row;
    const isGood = previousSecret !== null && previousUntil !== null && previousUntil > tx.now;
    const sealed = isGood ? [secret, previousSecret] : [secret];
    return Promise.all(sealed.map((each) => openSecret(tx, key, each)));
  });
  if (secrets === null) return null;
  return { ...key, source, secrets, until: clock.monotonicMs() + limits.webhookCacheMs };
}

/** Null: signed with one of the secrets. */
function isSigned({ source, secrets }: Place, delivery: WebhookDelivery): GantryError | null {
  let refusal: GantryError | null = null;
  for (const secret of secrets) {
    try {
      source.verify(delivery, secret);
      return null;
    } catch (thrown) {
      refusal = toGantryError(thrown);
    }
  }
  return refusal;
}

async function countRefusal({ db, onEvent }: ReceiveDeps, { tenant, connection }: Place): Promise<void> {
  onEvent({ kind: 'webhook_refused', tenant, connection });
  await db.tenantTx(tenant, (tx) => noteRefused(tx, { tenant, connection }), 'inbox.count_refusal');
}
