import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { describeDeclared } from '../../kit/declared-schema.ts';
import { refusal, refusedBy } from '../../kit/write-outcomes.ts';
import { isSpelling } from '../../kit/write-spelling.ts';
import type { SessionWrites, WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { findBy } from './find.ts';
import { readImages } from './images.ts';
import { sendJob } from './job.ts';
import { zendeskFields } from './new-fields.ts';
import { sameField, settle } from './settle.ts';
import { sendSingle } from './single.ts';
import { callsFor, wayOf } from './ways.ts';

/** Tickets, users and organizations: one by one, or a hundred in a job. */
export function zendeskWrites(context: SessionContext): SessionWrites {
  return {
    fields: zendeskFields(context, (name) => describe(context, name)),
    wayOf,
    callsFor: (_object, _operation, form, records) => callsFor(form, records),
    send: (request) => sendPossible(context, request),
    settle: (request, before) => settle(context, request, before),
    readImages: (object, ids, fields) => readImages(context, object, ids, fields),
    findBy: (object, field, values) => findBy(context, object, field, values),
    isSpelling: (field, sent, stands) => isSpelling(field, sent, stands, sameField),
  };
}

async function describe(context: SessionContext, name: string): Promise<NativeObject> {
  const declared = context.declaration.objects[name];
  if (declared === undefined) throw new Error(`${name} is not declared`);
  return describeDeclared(context, name, declared);
}

/** Zendesk would take what it cannot do and do nothing of it: that is refused here, and the rest is sent. */
async function sendPossible(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  const isPossible = (item: WriteItem): boolean => !changesDescription(request, item);
  const items = request.items.filter(isPossible);
  const send = request.form === 'job' ? sendJob : sendSingle;
  const sent = items.length === 0 ? [] : await send(context, { ...request, items });
  const left = sent.values();
  return request.items.map((item) =>
    isPossible(item)
      ? (left.next().value ?? { kind: 'unknown' })
      : refusedBy(refusal('field_not_writable', null, ['description'])),
  );
}

/** The description of a ticket is its first comment, and what was said stays said. */
const changesDescription = ({ object, operation }: WriteRequest, { values }: WriteItem): boolean =>
  object.name === 'tickets' && operation === 'update' && 'description' in values;
