import type { NativeField, NativeObject } from '../../../schema/index.ts';
import type { WayAnswer, WriteForm, WriteOperation } from '../../writes.ts';

/** Records in one call: it is one transaction, and the server ends a call after two minutes. */
const BATCH_MAX = 100;

const single: WriteForm = { name: 'single', recordsMax: 1, recordsFrom: 1, job: false };
const batch: WriteForm = { name: 'batch', recordsMax: BATCH_MAX, recordsFrom: 2, job: false };

/** `limit_time_real` of the server, 120 s: what has not taken effect by then never will. */
const SETTLE_MS = 120_000;

const SIDE_EFFECTS = ['Automation rules of this Odoo run, and people who follow the record may be told.'];

/** A text field of the customer's own that an administrator made for our key, by hand or in Studio. */
const MARKER = /^x_(studio_)?gantry_key$/;

export const markerOf = (object: NativeObject): NativeField | null =>
  object.fields.find(({ name, type, writable }) => MARKER.test(name) && type === 'string' && writable) ?? null;

/**
 * How Odoo takes what ("ORM API": create, write, unlink). It has neither keys
 * of requests nor conditions: a new record is known again by a marker field,
 * where the model has one, and otherwise by nothing.
 */
export function wayOf(object: NativeObject, operation: WriteOperation): WayAnswer {
  if (!object.fields.some(({ writable }) => writable))
    return noWay(`The connected Odoo user may not change anything of ${object.label}.`);
  const common = { forms: [single, batch], settleMs: SETTLE_MS, sideEffects: SIDE_EFFECTS, conditional: false };
  switch (operation) {
    case 'create': {
      const marker = markerOf(object);
      const dedupe = marker === null ? 'none' : 'marker';
      return {
        kind: 'way',
        way: { ...common, dedupe, keyField: marker?.name ?? null, reversibility: 'compensating' },
      };
    }
    case 'update':
      return { kind: 'way', way: { ...common, dedupe: 'conditional', keyField: null, reversibility: 'exact' } };
    case 'delete':
      return { kind: 'way', way: { ...common, dedupe: 'conditional', keyField: null, reversibility: 'none' } };
    case 'upsert':
      return noWay('Odoo has no call that creates a record or updates the one that has a value.');
  }
}

const noWay = (why: string): WayAnswer => ({ kind: 'no_way', why });

/** Records with values of their own need a call each when they are changed. */
export function callsFor(operation: WriteOperation, form: string, records: number): number {
  return form === 'batch' && operation !== 'update' ? Math.ceil(records / BATCH_MAX) : records;
}
