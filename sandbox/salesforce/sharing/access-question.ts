import type { Condition, Query } from '../soql/ast.ts';
import { PlainQueryError } from '../soql/soql-error.ts';

/** Object Reference, "UserRecordAccess": so many records in one query. */
const RECORDS_MAX = 200;

/** What a query of UserRecordAccess asks about. */
export interface AccessQuestion {
  readonly userId: string;
  readonly recordIds: readonly string[];
}

/** `WHERE UserId = ... AND RecordId = / IN ...`; throws PlainQueryError where one of the two is missing. */
export function accessQuestion({ where }: Query): AccessQuestion {
  const terms = where === null ? [] : where.kind === 'and' ? where.terms : [where];
  const userId = terms.flatMap((term) => idsOf(term, 'userid'))[0];
  const recordIds = terms.flatMap((term) => idsOf(term, 'recordid'));
  if (userId === undefined || recordIds.length === 0) {
    throw new PlainQueryError(
      'MALFORMED_QUERY',
      'A query of UserRecordAccess needs a filter by one UserId and by RecordId, with = or IN',
    );
  }
  if (recordIds.length > RECORDS_MAX) {
    throw new PlainQueryError(
      'EXCEEDED_ID_LIMIT',
      `A query of UserRecordAccess takes at most ${RECORDS_MAX} record ids`,
    );
  }
  return { userId, recordIds: [...new Set(recordIds)] };
}

function idsOf(term: Condition, name: string): readonly string[] {
  if (term.kind !== 'in' && term.kind !== 'compare') return [];
  if (term.path.parts.join('.').toLowerCase() !== name) return [];
  if (term.kind === 'in') {
    return term.negated ? [] : term.literals.flatMap((literal) => (literal.kind === 'text' ? [literal.value] : []));
  }
  return term.operator === '=' && term.literal.kind === 'text' ? [term.literal.value] : [];
}
