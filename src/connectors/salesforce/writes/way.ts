import { limits, type JsonObject } from '../../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../../schema/index.ts';
import type { WayAnswer, WriteForm, WriteItem, WriteOperation, WriteWay } from '../../writes.ts';

/** "Up to 200 records" (REST API Developer Guide, "sObject Collections"). */
export const COLLECTION_MAX = 200;

/** A transaction may run for ten minutes, but a call that nobody waits for any more ends within its own time limit of two. */
const SETTLE_MS = 120_000;

const SINGLE: WriteForm = { name: 'single', recordsMax: 1, recordsFrom: 1, job: false };
const COLLECTION: WriteForm = { name: 'collection', recordsMax: COLLECTION_MAX, recordsFrom: 2, job: false };

/** Of a write's key at most. */
const KEY_CHARS = 64;

/** The field that an administrator made for our keys: a text that is unique and an external id (docs/connectors/salesforce.md). */
export const keyFieldOf = (object: NativeObject): NativeField | null =>
  object.fields.find(
    (field) =>
      /^gantry_key__c$/i.test(field.name) &&
      field.unique === true &&
      field.type === 'string' &&
      (field.lengthMax ?? KEY_CHARS) >= KEY_CHARS &&
      field.writable,
  ) ?? null;

/** Our key where the object has a field for it: unique, so that a second sending is refused as a duplicate. */
export function keyIn(object: NativeObject, item: WriteItem): JsonObject {
  const key = keyFieldOf(object);
  return key === null ? {} : { [key.name]: item.key };
}

export function wayOf(object: NativeObject, operation: WriteOperation, jobFrom: number): WayAnswer {
  const job: WriteForm = {
    name: 'job',
    recordsMax: limits.writeJobRecordsMax,
    recordsFrom: jobFrom,
    job: true,
  };
  const hasJob = jobFrom !== Infinity;
  const key = keyFieldOf(object);
  const common = { sideEffects: automations(object), conditional: false, keyField: null, settleMs: SETTLE_MS };
  const all = [SINGLE, COLLECTION, ...(hasJob ? [job] : [])];
  switch (operation) {
    case 'create':
      // Without a key nobody could tell which row of a job's results belongs to which record.
      return key === null
        ? way({ ...common, dedupe: 'none', forms: [SINGLE, COLLECTION], reversibility: 'compensating' })
        : way({ ...common, dedupe: 'external_id', forms: all, reversibility: 'compensating', keyField: key.name });
    case 'update':
      return way({
        ...common,
        dedupe: 'conditional',
        forms: all,
        reversibility: 'exact',
        conditional: stampOf(object) !== null,
      });
    case 'delete':
      // The recycle bin gives it back with its id, for 15 days.
      return way({ ...common, dedupe: 'conditional', forms: all, reversibility: 'compensating' });
    case 'upsert':
      return object.fields.some((field) => field.unique === true && field.writable)
        ? way({ ...common, dedupe: 'external_id', forms: all, reversibility: 'compensating' })
        : {
            kind: 'no_way',
            why: `${object.label} has no unique field by which Salesforce could find the record: update it by its id.`,
          };
  }
}

const way = (found: WriteWay): WayAnswer => ({ kind: 'way', way: found });

/** What `If-Unmodified-Since` compares (REST API Developer Guide, "Conditional Requests Headers"). */
export const stampOf = (object: NativeObject): string | null =>
  ['LastModifiedDate', 'SystemModstamp'].find((name) => object.fields.some((field) => field.name === name)) ?? null;

/** The customer's own, as far as discovery shows them. */
const automations = ({ rules = [] }: NativeObject): readonly string[] =>
  rules.filter(({ kind, active }) => kind === 'automation' && active).map(({ name }) => `Runs "${name}".`);

export function callsFor(form: string, records: number): number {
  if (form === 'single') return records;
  if (form === 'collection') return Math.ceil(records / COLLECTION_MAX);
  // Make the job, upload, close it, look about five times, three tables of results.
  return 11 * Math.ceil(records / limits.writeJobRecordsMax);
}
