import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** What operators see and do about the reading of a tenant's systems. All raise `not_found` for unknown names. */
export interface SyncUseCases {
  readonly objects: ObjectUseCases;
  readonly comparisons: ComparisonUseCases;
  readonly letters: DeadLetterUseCases;
  readonly deadEvents: DeadEventUseCases;
  readonly quarantine: QuarantineUseCases;
  /** What operators did, newest first. */
  acts(operator: Operator, request: OfSync): Promise<readonly JsonObject[]>;
}

/** Of one tenant; of all of its connections, or objects, where none is named. */
export interface OfSync {
  readonly tenant: string;
  readonly connection: string | null;
  readonly limit: number;
}

export type OfObjects = OfSync & {
  /** Native object. */
  readonly object: string | null;
};

/** Who does it, and why. `by`: where the operator's key says less. */
export interface Said {
  readonly note: string | null;
  readonly by: string | null;
}

export type ObjectAct = Said & { readonly tenant: string; readonly connection: string; readonly object: string };

/** One object of one connection. All answer with its report, as in the list of connections. */
export interface ObjectUseCases {
  /** Both raise `object_state_conflict`. */
  pause(operator: Operator, request: ObjectAct): Promise<JsonObject>;
  resume(operator: Operator, request: ObjectAct): Promise<JsonObject>;
  /** Reads it again: of so many days, all, or as far back as the project says (null). Records stay meanwhile. */
  backfill(operator: Operator, request: ObjectAct & { readonly days: number | 'all' | null }): Promise<JsonObject>;
}

export interface ComparisonUseCases {
  /** Reports, newest first. */
  list(operator: Operator, request: OfObjects): Promise<readonly JsonObject[]>;
  /** Deletions that wait for somebody. */
  held(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  /** Both raise `object_state_conflict` where none are held. */
  accept(operator: Operator, request: ObjectAct): Promise<JsonObject>;
  dismiss(operator: Operator, request: ObjectAct): Promise<JsonObject>;
}

export interface DeadLetterUseCases {
  list(operator: Operator, request: OfObjects): Promise<readonly JsonObject[]>;
  show(operator: Operator, request: { readonly tenant: string; readonly letter: number }): Promise<JsonObject>;
  /** One, or all of a connection or object. Raises what keeps the connection from being read. */
  replay(operator: Operator, request: LettersToReplay): Promise<JsonObject>;
  drop(
    operator: Operator,
    request: Said & { readonly tenant: string; readonly letter: number; readonly note: string },
  ): Promise<JsonObject>;
}

export type LettersToReplay = Said & { readonly tenant: string } & (
    { readonly letter: number } | { readonly connection: string; readonly object: string | null }
  );

export interface DeadEventUseCases {
  list(operator: Operator, request: OfSync): Promise<readonly JsonObject[]>;
  /** `event` null: all that were given up. */
  replay(operator: Operator, request: EventsAct): Promise<JsonObject>;
  drop(operator: Operator, request: EventsAct & { readonly note: string }): Promise<JsonObject>;
}

export type EventsAct = Said & { readonly tenant: string; readonly connection: string; readonly event: string | null };

export type OfQuarantine = OfObjects & { readonly field: string | null };

export interface QuarantineUseCases {
  /** By object, field and reason, with a few ids; never a value. */
  groups(operator: Operator, request: OfQuarantine): Promise<readonly JsonObject[]>;
  /** With the values, newest first. */
  values(operator: Operator, request: OfQuarantine): Promise<readonly JsonObject[]>;
  /** By the schema of now, from what was kept; `read`: from the provider. */
  replay(
    operator: Operator,
    request: Said & {
      readonly tenant: string;
      readonly connection: string;
      readonly object: string | null;
      readonly read: boolean;
    },
  ): Promise<JsonObject>;
}
