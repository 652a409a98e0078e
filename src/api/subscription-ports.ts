import type { JsonObject, RequestFrom } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** Telling others of changes, for operators. Implemented by src/app over subscriptions. All raise `not_found`. */
export interface SubscriptionUseCases {
  /** With the secret, once. Raises the query and subscription families' errors. */
  create(operator: Operator, request: NewSubscriptionRequest): Promise<JsonObject>;
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  show(operator: Operator, request: OfSubscription): Promise<JsonObject>;
  /** Both raise `subscription_state_conflict`, `resume` raises `subscription_agent_keyless`. */
  pause(operator: Operator, request: OfSubscription): Promise<JsonObject>;
  resume(operator: Operator, request: OfSubscription): Promise<JsonObject>;
  rotateSecret(operator: Operator, request: OfSubscription): Promise<JsonObject>;
  remove(operator: Operator, request: OfSubscription): Promise<void>;
  replay(
    operator: Operator,
    request: OfSubscription & { readonly from: number; readonly to: number; readonly all: boolean },
  ): Promise<JsonObject>;
  deliveries(
    operator: Operator,
    request: OfSubscription & { readonly state: string | null; readonly limit: number },
  ): Promise<readonly JsonObject[]>;
}

export interface OfSubscription {
  readonly tenant: string;
  readonly id: number;
}

export interface EventWishRequest {
  readonly object: string;
  readonly filter: JsonObject;
  /** Empty: all. */
  readonly events: readonly string[];
  readonly fields: readonly string[] | null;
}

export interface NewSubscriptionRequest extends EventWishRequest {
  readonly tenant: string;
  readonly agent: string;
  /** In whose name it is told; null: the agent's own. */
  readonly principal: string | null;
  readonly url: string;
  readonly note: string | null;
}

/** Events for agents, under their own keys. */
export interface EventUseCases {
  /**
   * Raises `unauthenticated`, the query and subscription families' errors and
   * `events_gone`, before the first item. Ends when the key or the grant does.
   */
  follow(
    bearer: string,
    request: EventWishRequest & { readonly after: number | null },
    signal: AbortSignal,
    from: RequestFrom,
  ): Promise<AsyncGenerator<EventFeedItem>>;
  /** Raises `not_found`. */
  read(bearer: string, request: EventWishRequest & { readonly seq: number }, from: RequestFrom): Promise<JsonObject>;
}

export type EventFeedItem =
  | { readonly kind: 'event'; readonly seq: number; readonly payload: JsonObject }
  | { readonly kind: 'told_up_to'; readonly seq: number };
