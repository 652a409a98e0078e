import type { FieldType, NativeField, NativeObject } from '../schema/index.ts';
import type { DedupeClass, Settled, WriteOutcome } from './writes.ts';

/** Kinds of values that a new field can be made for. */
export const newFieldTypes = ['string', 'text', 'boolean', 'integer', 'number', 'date', 'datetime', 'enum'] as const;

export type NewFieldType = (typeof newFieldTypes)[number];

/** A field that a customer's object does not have yet, as the product calls it. */
export interface FieldWish {
  /** The model field's name: the provider's own name follows from it, so that it is found again. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  readonly type: NewFieldType;
  /** Of `enum`: all values that it takes. */
  readonly values: readonly string[];
}

/** Where fields of the customer's own can be made, for `validate`; the rest only the object itself can say. */
export interface NewFieldPlaces {
  readonly objects: 'any' | readonly string[];
  readonly types: readonly NewFieldType[];
}

export type FieldAnswer =
  /** The object has it. */
  | { readonly kind: 'there'; readonly field: NativeField }
  /** It can be made. `text`: what it would be there, in the provider's words (`Text(255)`). */
  | {
      readonly kind: 'new';
      readonly text: string;
      readonly type: FieldType;
      readonly lengthMax: number | null;
      /** What keeps it from being made twice when an answer was lost. */
      readonly dedupe: Extract<DedupeClass, 'chosen_id' | 'marker'>;
      /** Calls that it needs, as a rule. */
      readonly calls: number;
    }
  /** `why`: a sentence for people, without upstream text. */
  | { readonly kind: 'no_way'; readonly why: string };

export interface NewFieldRequest {
  readonly object: NativeObject;
  readonly wish: FieldWish;
  /** Of this write, for ever; a retry has the same. */
  readonly key: string;
}

/** Making fields of the customer's own. Absent from a session's writes: the connector makes none. */
export interface SessionFields {
  /** Pure: whether the object has the field, or how it would be made. */
  fieldFor(object: NativeObject, wish: FieldWish): FieldAnswer;
  /**
   * Makes it, once: one that is there already under its name, and takes such
   * values, is the answer. The `recordId` of what is applied is the field's name
   * as discovery tells it. `beforeSend` is asked right before each call that may
   * take effect. Raises where surely nothing was sent.
   */
  createField(request: NewFieldRequest, beforeSend: () => Promise<void>): Promise<WriteOutcome>;
  /** What became of it, by reading alone; `not_applied` also where it is there in part and making it again completes it. */
  findField(request: NewFieldRequest): Promise<Settled>;
  /** How long after a lost answer it may still appear, in ms. */
  readonly settleMs: number;
}
