import type { Json } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import { refusal } from '../../kit/write-outcomes.ts';
import type { WriteRefusal, WriteRefusalCode } from '../../writes.ts';

/** Source: Calendar API, "Handle API errors"; reference of Events. */
const REASONS: Readonly<Record<string, WriteRefusalCode>> = {
  required: 'value_missing',
  invalid: 'value_invalid',
  invalidParameter: 'value_invalid',
  badRequest: 'value_invalid',
  parseError: 'value_invalid',
  timeRangeEmpty: 'value_not_allowed',
  eventTypeRestriction: 'value_not_allowed',
  malformedCalendarId: 'reference_missing',
  duplicate: 'duplicate',
  forbidden: 'not_permitted',
  forbiddenForNonOrganizer: 'not_permitted',
  forbiddenForServiceAccounts: 'not_permitted',
  insufficientPermissions: 'not_permitted',
  requiredAccessLevel: 'not_permitted',
  cannotChangeOrganizer: 'not_permitted',
  notFound: 'record_missing',
  deleted: 'record_missing',
};

export function refusalIn(status: number, body: Json): WriteRefusal {
  const reason = textAt(body, 'error.errors.0.reason');
  const known = reason !== null && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  // Where it is a parameter, Google names it; fields of the event it does not.
  return refusal(known ?? byStatus(status), reason !== null && /^\w{1,60}$/.test(reason) ? reason : null);
}

function byStatus(status: number): WriteRefusalCode {
  if (status === 400) return 'value_invalid';
  if (status === 401 || status === 403) return 'not_permitted';
  return status === 404 || status === 410 ? 'record_missing' : 'other';
}
