import type {
  DedupeClass,
  RecordImage,
  SessionWrites,
  Settled,
  WriteItem,
  WriteOutcome,
  WriteRefusal,
  WriteRefusalCode,
  WriteRequest,
  WriteWay,
} from '../../src/connectors/index.ts';
import { GantryError, send, systemClock, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import type { LedgerObject, LedgerResult } from './ledger-server.ts';

const classes: Readonly<Record<LedgerObject, DedupeClass>> = {
  Native: 'native_key',
  External: 'external_id',
  Chosen: 'chosen_id',
  Conditional: 'conditional',
  Marker: 'marker',
  Plain: 'none',
};

export interface LedgerSettings {
  readonly url: string;
  readonly settleMs: number;
  /** Records from which on a job pays; absent: none does. */
  readonly jobFrom?: number;
  readonly collectionMax?: number;
}

/** The writing half of a connector to the ledger server: real calls, one way per object. */
export function ledgerWrites(settings: LedgerSettings): SessionWrites {
  const { url, settleMs, jobFrom, collectionMax = 200 } = settings;
  const call = async (path: string, body: unknown, signal?: AbortSignal): Promise<JsonObject> => {
    const response = await send(
      `ledger.${path.replaceAll(/\W+|\d+/g, '') === 'write' ? 'write' : 'call'}`,
      `${url}${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    if (response.status === 503) throw new GantryError('upstream_unavailable', { message: 'busy' });
    return (await response.json()) as JsonObject;
  };
  const imagesOf = async (
    object: string,
    ids: readonly string[],
    fields: readonly string[],
  ): Promise<RecordImage[]> => {
    const { images } = await call('/images', { object, ids });
    return (images as unknown as StoredImage[]).map(({ id, missing, values = {}, version }) => ({
      id,
      missing,
      version: version === undefined ? null : String(version),
      values: Object.fromEntries(fields.map((field) => [field, values[field] ?? null])),
    }));
  };
  const find = async (object: string, field: string, values: readonly Json[]): Promise<readonly string[][]> => {
    const { ids } = await call('/find', { object, field, values });
    return ids as unknown as string[][];
  };
  const ask: Asking = {
    imagesOf,
    find,
    keys: async (keys) => (await call('/keys', { keys }))['results'] as unknown as (LedgerResult | null)[],
  };
  return {
    wayOf: (object) => ({ kind: 'way', way: wayOf(object, { settleMs, jobFrom, collectionMax }) }),
    callsFor: (_object, _operation, form, records) =>
      form === 'single' ? records : form === 'job' ? 3 : Math.ceil(records / collectionMax),
    send: async (request) => {
      const outcomes = request.form === 'job' ? await sendJob(request, call) : await sendNow(request, call);
      return outcomes;
    },
    settle: async ({ object, operation, items }, before) =>
      Promise.all(
        items.map((item) => settleOne(ask, { object, operation, item, before: before.get(item.key) ?? null })),
      ),
    readImages: (object, ids, fields) => imagesOf(object.name, ids, fields),
    findBy: async (object, field, values) => {
      const ids = await find(object.name, field, values);
      return new Map(values.map((value, index) => [value, ids[index] ?? []]));
    },
    isSpelling: (_field, sent, stands) => typeof sent === 'string' && sent.trim() === stands,
  };
}

type Call = (path: string, body: unknown, signal?: AbortSignal) => Promise<JsonObject>;

interface StoredImage {
  readonly id: string;
  readonly missing: boolean;
  readonly values?: { readonly [field: string]: Json };
  readonly version?: number;
}

interface Asking {
  readonly imagesOf: (object: string, ids: readonly string[], fields: readonly string[]) => Promise<RecordImage[]>;
  readonly find: (object: string, field: string, values: readonly Json[]) => Promise<readonly string[][]>;
  readonly keys: (keys: readonly string[]) => Promise<readonly (LedgerResult | null)[]>;
}

function wayOf(
  { name }: NativeObject,
  {
    settleMs,
    jobFrom,
    collectionMax,
  }: { readonly settleMs: number; readonly jobFrom: number | undefined; readonly collectionMax: number },
): WriteWay {
  const object = name as LedgerObject;
  return {
    dedupe: classes[object],
    forms: [
      { name: 'single', recordsMax: 1, recordsFrom: 1, job: false },
      { name: 'collection', recordsMax: collectionMax, recordsFrom: 2, job: false },
      ...(jobFrom === undefined ? [] : [{ name: 'job', recordsMax: 10_000, recordsFrom: jobFrom, job: true }]),
    ],
    reversibility: 'exact',
    sideEffects: [],
    conditional: object === 'Conditional',
    keyField: object === 'External' ? 'ext' : object === 'Marker' ? 'marker' : null,
    settleMs,
  };
}

async function sendNow(
  { object, operation, items, beforeSend, signal }: WriteRequest,
  call: Call,
): Promise<WriteOutcome[]> {
  await beforeSend();
  try {
    const { results } = await call('/write', { object: object.name, operation, items }, signal);
    return (results as unknown as LedgerResult[]).map(outcomeOf);
  } catch (cause) {
    if (cause instanceof GantryError) throw cause;
    return items.map(() => ({ kind: 'unknown' }));
  }
}

async function sendJob(request: WriteRequest, call: Call): Promise<WriteOutcome[]> {
  const { object, operation, items, beforeSend, onJob, signal } = request;
  if (request.job !== null) return goOn(request, String(request.job['id']), call);
  const job = await call('/jobs', { object: object.name, operation, items }, signal);
  const id = String(job['id']);
  await onJob({ id });
  await beforeSend();
  try {
    await call(`/jobs/${id}/start`, {}, signal);
    for (;;) {
      const { results } = await call(`/jobs/${id}`, {}, signal);
      if (results !== null) return (results as unknown as LedgerResult[]).map(outcomeOf);
      await systemClock.sleep(50, signal);
    }
  } catch (cause) {
    if (cause instanceof GantryError) throw cause;
    return items.map(() => ({ kind: 'unknown' }));
  }
}

/** It says what it did; one that never began is ended, and never will. */
async function goOn({ items, signal }: WriteRequest, id: string, call: Call): Promise<WriteOutcome[]> {
  const { results } = await call(`/jobs/${id}/abort`, {}, signal);
  if (results !== null) return (results as unknown as LedgerResult[]).map(outcomeOf);
  return items.map(() => ({ kind: 'try_again', afterMs: null, refusal: PASSING }));
}

const PASSING: WriteRefusal = { code: 'unavailable', fields: [], native: null };

function outcomeOf(result: LedgerResult): WriteOutcome {
  if (result.ok) {
    const { id: recordId, created, existed } = result;
    return { kind: 'applied', recordId, created, existed };
  }
  if (result.code === 'changed') return { kind: 'changed' };
  const refusal = { code: result.code as WriteRefusalCode, fields: [], native: null };
  return result.code === 'record_locked' ? { kind: 'try_again', afterMs: 1, refusal } : { kind: 'refused', refusal };
}

async function settleOne(
  { imagesOf, find, keys }: Asking,
  asked: {
    readonly object: NativeObject;
    readonly operation: string;
    readonly item: WriteItem;
    readonly before: RecordImage | null;
  },
): Promise<Settled> {
  const { object, operation, item, before } = asked;
  const dedupe = classes[object.name as LedgerObject];
  if (dedupe === 'native_key') {
    const [known] = await keys([item.key]);
    return known?.ok === true
      ? { kind: 'applied', recordId: known.id, created: known.created }
      : { kind: 'not_applied' };
  }
  if (dedupe === 'none') return { kind: 'unclear', why: 'Nothing tells.' };
  if (operation === 'create') {
    const field = dedupe === 'external_id' ? 'ext' : 'marker';
    const ids =
      dedupe === 'chosen_id'
        ? (await imagesOf(object.name, [item.key], [])).filter(({ missing }) => !missing).map(({ id }) => id)
        : (await find(object.name, field, [item.key]))[0];
    const [recordId] = ids ?? [];
    return recordId === undefined ? { kind: 'not_applied' } : { kind: 'applied', recordId, created: true };
  }
  const id = item.recordId ?? '';
  const [image] = await imagesOf(object.name, [id], Object.keys(item.values));
  if (image === undefined || image.missing) {
    return operation === 'delete'
      ? { kind: 'applied', recordId: id, created: false }
      : { kind: 'unclear', why: 'It is gone.' };
  }
  if (operation === 'delete') return { kind: 'not_applied' };
  if (Object.entries(item.values).every(([field, value]) => image.values[field] === value)) {
    return { kind: 'applied', recordId: id, created: false };
  }
  return before?.version === image.version ? { kind: 'not_applied' } : { kind: 'unclear', why: 'Changed by others.' };
}
