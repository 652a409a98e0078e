import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { sendEach } from '../../kit/write-outcomes.ts';
import { isSpelling } from '../../kit/write-spelling.ts';
import type { SessionWrites, WayAnswer, WriteForm, WriteOperation, WriteWay } from '../../writes.ts';
import { findBy, readImages } from './look-up.ts';
import { sendEvent } from './send.ts';
import { sameInGoogle, settle } from './settle.ts';

/** Google's batches are one call each to its quota, and answer each for itself: nothing is gained by them. */
const SINGLE: WriteForm = { name: 'single', recordsMax: 1, recordsFrom: 1, job: false };
/** A call that nobody waits for any more ends within a minute. */
const SETTLE_MS = 60_000;

export function googleCalendarWrites(context: SessionContext): SessionWrites {
  return {
    wayOf,
    callsFor: (_object, _operation, _form, records) => records,
    send: (request) => sendEach(request.items, (item) => sendEvent(context, request, item)),
    settle: (question, before) => settle(context, question, before),
    readImages: (object, ids, fields) => readImages(context, object, ids, fields),
    findBy: (object, field, values) => findBy(context, object, field, values),
    isSpelling: (field, sent, stands) => isSpelling(field, sent, stands, sameInGoogle),
  };
}

function wayOf({ name, label }: NativeObject, operation: WriteOperation): WayAnswer {
  if (name !== 'events')
    return { kind: 'no_way', why: `${label} are only read: people share and name them themselves.` };
  const common = { forms: [SINGLE], sideEffects: [], keyField: null, settleMs: SETTLE_MS };
  switch (operation) {
    case 'create':
      return way({ ...common, dedupe: 'chosen_id', reversibility: 'compensating', conditional: false });
    case 'update':
      return way({ ...common, dedupe: 'conditional', reversibility: 'exact', conditional: true });
    case 'delete':
      // It can be confirmed again, with the same id.
      return way({ ...common, dedupe: 'conditional', reversibility: 'compensating', conditional: true });
    case 'upsert':
      return { kind: 'no_way', why: 'Google Calendar finds no event by a value of its own: create or update it.' };
  }
}

const way = (found: WriteWay): WayAnswer => ({ kind: 'way', way: found });
