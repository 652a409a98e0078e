import type { SessionContext } from '../../kit/declared-connector.ts';
import type { SessionWrites } from '../../writes.ts';
import { describeObject } from '../describe.ts';
import { findBy, readImages } from './images.ts';
import { odooFields } from './new-fields.ts';
import { sendWrites } from './send.ts';
import { settle } from './settle.ts';
import { isSpellingThere } from './spelling.ts';
import { callsFor, wayOf } from './ways.ts';

/** Records of any model that the connected user may change. */
export function odooWrites(context: SessionContext): SessionWrites {
  return {
    fields: odooFields(context, (name) => describeObject(context, name)),
    wayOf,
    callsFor: (_object, operation, form, records) => callsFor(operation, form, records),
    send: (request) => sendWrites(context, request),
    settle: (request, before) => settle(context, request, before),
    readImages: (object, ids, fields) => readImages(context, object, ids, fields),
    findBy: (object, field, values) => findBy(context, object, field, values),
    isSpelling: isSpellingThere,
  };
}
