import type { Json, JsonObject } from '../kernel/index.ts';
import type { NativeField, NativeObject } from '../schema/index.ts';
import type { SessionFields } from './new-fields.ts';

/** `upsert`: updates the record that has the value of `match`, or creates one. */
export type WriteOperation = 'create' | 'update' | 'upsert' | 'delete';

/**
 * What keeps a write from taking effect twice when its answer was lost
 * (docs/writes.md has the letters):
 *
 * - native_key (A): the provider remembers our key and answers as it did before
 * - external_id (B): create-or-update on a unique field that carries our key or the record's own
 * - chosen_id (C): we choose the new record's id; a duplicate is the first one
 * - conditional (D): only if the record is still as it was; what stands there afterwards tells whether ours took effect
 * - marker (E): our key stands in a field of the new record and is searched for
 * - none (F): nobody can tell; reading may show it, else a human decides
 */
export type DedupeClass = 'native_key' | 'external_id' | 'chosen_id' | 'conditional' | 'marker' | 'none';

/** How far a write can be taken back. `compensating`: by another write that leaves traces (a recycle bin, a history entry). */
export type Reversibility = 'exact' | 'compensating' | 'none';

/** A shape in which the provider takes records of one operation. */
export interface WriteForm {
  /** `single`, `collection`, `job` */
  readonly name: string;
  /** Records in one sending at most. */
  readonly recordsMax: number;
  /** Pays from so many records on: below it another form needs fewer calls. */
  readonly recordsFrom: number;
  /** Answers with a job that is asked again until it has ended. */
  readonly job: boolean;
}

/** How the provider takes an operation on an object, in this account. */
export interface WriteWay {
  readonly dedupe: DedupeClass;
  /** At least one; `single` first where there is one. Conditions (`ifVersion`) are kept in single form only, unless it says otherwise. */
  readonly forms: readonly WriteForm[];
  readonly reversibility: Reversibility;
  /** What happens besides, in words: mails that the provider sends, triggers that always run. */
  readonly sideEffects: readonly string[];
  /** `ifVersion` is honoured upstream; else it is only compared just before the send. */
  readonly conditional: boolean;
  /** Field that carries our key (classes `external_id`, `marker`); null: none. */
  readonly keyField: string | null;
  /** How long after a lost answer the write may still take effect, or stay unfindable, in ms. */
  readonly settleMs: number;
}

/** `why`: a sentence for people, without upstream text. */
export type WayAnswer =
  { readonly kind: 'way'; readonly way: WriteWay } | { readonly kind: 'no_way'; readonly why: string };

/** One record of a sending. */
export interface WriteItem {
  /** Of this write, for ever: 1 to 64 characters of `[A-Za-z0-9_-]`. A retry has the same. */
  readonly key: string;
  /** Null for `create`, and for `upsert` by `match`. */
  readonly recordId: string | null;
  /** By native field, typed as in schema/native.ts; null empties the field. Without the fields that carry keys. */
  readonly values: { readonly [field: string]: Json };
  /** Of `upsert`. */
  readonly match: { readonly field: string; readonly value: Json } | null;
  /** As a `RecordImage` said; null: whatever stands there is overwritten. */
  readonly ifVersion: string | null;
}

export interface WriteRequest {
  readonly object: NativeObject;
  readonly operation: WriteOperation;
  /** One of the way's. */
  readonly form: string;
  /** At most the form's `recordsMax`, each record once. */
  readonly items: readonly WriteItem[];
  /**
   * Asked right before bytes leave, for each call that may take effect. What it
   * raises ends the sending: nothing of what was not sent yet is sent.
   */
  readonly beforeSend: () => Promise<void>;
  /**
   * A job, as it is known there; kept durably when it resolves. Told before
   * anything in it can take effect, where the provider allows that: what it
   * raises is then raised, and surely nothing was sent. Else it is told as soon
   * as the job is known, and whatever it raises, nothing is raised after it.
   */
  readonly onJob: (job: JsonObject) => Promise<void>;
  /**
   * Of an earlier attempt that did not see the end: it is gone on with, and
   * nothing is sent, neither a second time nor a first: `beforeSend` always
   * refuses. A job in which nothing could take effect yet is ended for good,
   * and its items are `try_again`.
   */
  readonly job: JsonObject | null;
  readonly signal: AbortSignal;
}

/** Of one item, in the order of the request. */
export type WriteOutcome =
  /** It stands there. `existed`: an earlier sending of the same key had made it. */
  | {
      readonly kind: 'applied';
      readonly recordId: string;
      readonly created: boolean;
      readonly existed: boolean;
    }
  /** Nothing was written, and the same would be refused again. */
  | { readonly kind: 'refused'; readonly refusal: WriteRefusal }
  /** Nothing was written: the record is not as `ifVersion` says. */
  | { readonly kind: 'changed' }
  /** Nothing was written; it may be sent again then. */
  | { readonly kind: 'try_again'; readonly afterMs: number | null; readonly refusal: WriteRefusal }
  /** Sent, or partly sent, and no answer that says what became of it. */
  | { readonly kind: 'unknown' };

/** The provider's no, in our words. */
export interface WriteRefusal {
  readonly code: WriteRefusalCode;
  /** Native fields that it is about. */
  readonly fields: readonly string[];
  /** The provider's own error code, as far as it is one of its documented ones: `UNABLE_TO_LOCK_ROW`; null: none. */
  readonly native: string | null;
}

export type WriteRefusalCode =
  | 'value_invalid'
  | 'value_missing'
  | 'value_too_long'
  | 'value_not_allowed'
  | 'reference_missing'
  | 'duplicate'
  /** A rule that the customer made refuses. */
  | 'rule_refused'
  | 'field_not_writable'
  | 'not_permitted'
  | 'record_missing'
  | 'record_locked'
  | 'limited'
  | 'unavailable'
  /** An error that is not known. */
  | 'other';

/** What became of an item whose outcome is unknown, asked by reading alone. */
export type Settled =
  | { readonly kind: 'applied'; readonly recordId: string; readonly created: boolean }
  /** Proven: it may be sent again. Only where the class allows proof. */
  | { readonly kind: 'not_applied' }
  | { readonly kind: 'unclear'; readonly why: string };

/** A record as it stands upstream now. */
export interface RecordImage {
  readonly id: string;
  /** Gone, or hidden from the connected user. */
  readonly missing: boolean;
  /** Opaque; equal while nobody changed the record. Null: the provider has none. */
  readonly version: string | null;
  /** The fields that were asked for, typed as in schema/native.ts. */
  readonly values: { readonly [field: string]: Json };
}

/** Writing. Absent from a session: the connector only reads. */
export interface SessionWrites {
  /** Pure. */
  wayOf(object: NativeObject, operation: WriteOperation): WayAnswer;
  /** Calls that so many records cost in a form, polls of a job included as a rule; for the price of a plan. Pure. */
  callsFor(object: NativeObject, operation: WriteOperation, form: string, records: number): number;
  /**
   * Sends once. No call that may take effect is repeated by itself, unless the
   * provider surely did not take it (not connected, refused before). Raises
   * where surely nothing was sent; else there is an outcome for each item. Once
   * a call may have taken effect, whatever fails later (`onJob`, a look at the
   * results) makes items `unknown` and is not raised.
   */
  send(request: WriteRequest): Promise<readonly WriteOutcome[]>;
  /** Reads only; `settleMs` after the send at the earliest. `before`: images from before the send, by key, where there are any. */
  settle(
    request: Pick<WriteRequest, 'object' | 'operation' | 'form' | 'items' | 'job' | 'signal'>,
    before: ReadonlyMap<string, RecordImage>,
  ): Promise<readonly Settled[]>;
  /** Records by id, `recordsByIdMax` at most, with these fields; in the order of `ids`. */
  readImages(object: NativeObject, ids: readonly string[], fields: readonly string[]): Promise<readonly RecordImage[]>;
  /** Ids of records with each of these values in `field`, by value, asked now; more than two of one value are not looked for. */
  findBy(object: NativeObject, field: string, values: readonly Json[]): Promise<ReadonlyMap<Json, readonly string[]>>;
  /**
   * Pure: whether `stands` is `sent` as the provider gives it back (trimmed, rounded, another form of the same id), and
   * not what somebody else has put there since; in doubt it is not. Absent: values come back as they were sent.
   */
  isSpelling?(field: NativeField, sent: Json, stands: Json): boolean;
  /** Absent: no fields are made there. */
  readonly fields?: SessionFields;
}
