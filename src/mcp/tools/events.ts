import type { JsonObject, RequestFrom } from '../../kernel/index.ts';
import type { CallerContext } from './tool.ts';

/** Whose events, and from where on. */
export interface EventWish {
  readonly object: string;
  /** Empty: all. */
  readonly filter: JsonObject;
  /** Empty: all. */
  readonly events: readonly string[];
  /** Null: all that are not sensitive. */
  readonly fields: readonly string[] | null;
  /** The sequence number up to which all is known; null: from now on. */
  readonly after: number | null;
}

/** A type: it goes over the wire. */
export type EventPage = {
  readonly events: readonly JsonObject[];
  /** Everything up to here is told. */
  readonly sequence: number;
  readonly more: boolean;
};

export type EventItem =
  | { readonly kind: 'event'; readonly seq: number; readonly payload: JsonObject }
  | { readonly kind: 'told_up_to'; readonly seq: number };

/** The next events after a place. Raises the query and subscription families' errors. Implemented by src/app. */
export type ReadEvents = (context: CallerContext, wish: EventWish) => Promise<EventPage>;

/**
 * Events as they come, until the key or the grant ends or the signal says so.
 * Raises the query and subscription families' errors before the first item. Implemented by src/app.
 */
export type FollowEvents = (
  bearer: string,
  wish: EventWish,
  signal: AbortSignal,
  from: RequestFrom,
) => Promise<AsyncGenerator<EventItem>>;
