import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { inSoql, quoted } from '../soql.ts';
import { queried } from './org-rows.ts';

export const SALESFORCE_ID = /^[A-Za-z0-9]{15,18}$/;

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
  const known = ids.filter((id) => SALESFORCE_ID.test(id));
  if (known.length === 0 || !SALESFORCE_ID.test(user)) return new Set();
  const soql = `SELECT RecordId, HasReadAccess FROM UserRecordAccess WHERE UserId = ${quoted(user)} AND ${inSoql('RecordId', known)}`;
  const rows = await queried(context, soql, `UserRecordAccess (${object.name})`);
  return new Set(rows.filter((row) => row['HasReadAccess'] === true).flatMap((row) => textAt(row, 'RecordId') ?? []));
}

/** What one user may do with a record, as far as sharing says. */
export interface RecordAccess {
  readonly reads: boolean;
  readonly edits: boolean;
  readonly deletes: boolean;
  /** Give it to another owner. */
  readonly transfers: boolean;
}

/** Records of one question, as Salesforce allows. */
const RECORDS_MAX = 200;

/** By id; what is not here, the user has no access to. As many questions as it takes. */
export async function recordAccess(
  context: SessionContext,
  user: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordAccess>> {
  const known = ids.filter((id) => SALESFORCE_ID.test(id));
  const found = new Map<string, RecordAccess>();
  for (let at = 0; at < known.length; at += RECORDS_MAX) {
    const part = known.slice(at, at + RECORDS_MAX);
    const soql = `SELECT RecordId, HasReadAccess, HasEditAccess, HasDeleteAccess, HasTransferAccess FROM UserRecordAccess WHERE UserId = ${quoted(user)} AND ${inSoql('RecordId', part)}`;
    for (const row of await queried(context, soql, 'UserRecordAccess')) {
      const id = textAt(row, 'RecordId');
      const has = (what: string): boolean => row[`Has${what}Access`] === true;
      const access = { reads: has('Read'), edits: has('Edit'), deletes: has('Delete'), transfers: has('Transfer') };
      // It answers with ids of 18 characters, whatever it was asked for.
      const asked = part.find((each) => each === id || (each.length === 15 && id?.startsWith(each) === true));
      if (asked !== undefined) found.set(asked, access);
    }
  }
  return found;
}
