import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { inSoql, quoted } from '../soql.ts';
import { queried } from './org-rows.ts';

const ID = /^[A-Za-z0-9]{15,18}$/;

/**
 * Asks Salesforce itself about one user and at most 200 records (Object
 * Reference, UserRecordAccess). It answers for single records; whether the
 * user may read the object at all is another question.
 */
export async function recordsShownTo(
  context: SessionContext,
  user: string,
  object: Pick<NativeObject, 'name'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = ids.filter((id) => ID.test(id));
  if (known.length === 0 || !ID.test(user)) return new Set();
  const soql = `SELECT RecordId, HasReadAccess FROM UserRecordAccess WHERE UserId = ${quoted(user)} AND ${inSoql('RecordId', known)}`;
  const rows = await queried(context, soql, `UserRecordAccess (${object.name})`);
  return new Set(rows.filter((row) => row['HasReadAccess'] === true).flatMap((row) => textAt(row, 'RecordId') ?? []));
}
