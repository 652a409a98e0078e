import type { Clock } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { sendEach } from '../../kit/write-outcomes.ts';
import type { SessionWrites, WriteOutcome, WriteRequest } from '../../writes.ts';
import { sendCollection } from './collection.ts';
import { orExisting } from './existing.ts';
import { sendJob } from './job.ts';
import { findBy, readImages } from './look-up.ts';
import { salesforceFields } from './new-fields.ts';
import { settle } from './settle.ts';
import { sendSingle } from './single.ts';
import { isSpellingThere } from './spelling.ts';
import { callsFor, wayOf } from './way.ts';

export interface WriteOptions {
  /** From so many records on by bulk job; Infinity: never. */
  readonly jobFromRecords: number;
  /** Until the first look at a job. */
  readonly firstLookMs: number;
  readonly clock: Clock;
  /** An object as it is at this moment. */
  readonly describe: (name: string) => Promise<NativeObject>;
}

export function salesforceWrites(context: SessionContext, options: WriteOptions): SessionWrites {
  return {
    fields: salesforceFields(context, options.describe),
    wayOf: (object, operation) => wayOf(object, operation, options.jobFromRecords),
    callsFor: (_object, _operation, form, records) => callsFor(form, records),
    send: async (request) => orExisting(context, request, await sendIn(context, request, options)),
    settle: (question, before) => settle(context, question, before),
    readImages: (object, ids, fields) => readImages(context, object, ids, fields),
    findBy: (object, field, values) => findBy(context, object, field, values),
    isSpelling: isSpellingThere,
  };
}

function sendIn(
  context: SessionContext,
  request: WriteRequest,
  options: WriteOptions,
): Promise<readonly WriteOutcome[]> {
  switch (request.form) {
    case 'single':
      return sendEach(request.items, (item) => sendSingle(context, request, item));
    case 'collection':
      return sendCollection(context, request);
    case 'job':
      return sendJob(context, request, options);
    default:
      throw new Error(`Salesforce takes no records in the form ${request.form}`);
  }
}
