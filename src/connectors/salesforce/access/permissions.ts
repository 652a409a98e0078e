import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { SessionPermissions, SourceUser, SourceUserPage } from '../../permissions.ts';
import { rowsSoql } from '../soql.ts';
import { asUser } from './as-user.ts';
import { queried } from './org-rows.ts';
import { readFacts } from './read-facts.ts';
import { recordsShownTo } from './record-access.ts';
import { listShareIds, readShares } from './shares.ts';
import { audienceOf, strategyOf } from './sharing-model.ts';
import { fieldsShownTo, readStandings } from './standings.ts';
import { mayWrite } from './write-rights.ts';

/** Sharing as Salesforce keeps it: defaults, owners, hierarchy, shares, groups, permission sets. */
export const salesforcePermissions = (context: SessionContext): SessionPermissions => ({
  strategyOf,
  readFacts: (objects) => readFacts(context, objects),
  audienceOf,
  readShares: (object, cursor, facts) => readShares(context, object, cursor, facts),
  listShareIds: (object, afterId) => listShareIds(context, object, afterId),
  readStandings: (users, objects, facts) => readStandings(context, users, objects, facts),
  fieldsShownTo: (user, objects, facts) => fieldsShownTo(context, user, objects, facts),
  visibleTo: (user, object, ids) => recordsShownTo(context, user, object, ids),
  mayWrite: (question) => mayWrite(context, question),
  listUsers: (after) => listUsers(context, after),
  asUser: asUser(context),
});

const USERS_MAX = 2_000;

async function listUsers(context: SessionContext, after: string | null): Promise<SourceUserPage> {
  const fields = ['Id', 'Name', 'Email', 'IsActive'];
  const soql = rowsSoql({ object: 'User', fields, only: null, after, limit: USERS_MAX });
  const rows = await queried(context, soql, 'User');
  const users = rows.map((row): SourceUser => {
    const id = idAt(row, 'Id', 'User');
    return { id, name: textAt(row, 'Name') ?? id, email: textAt(row, 'Email'), active: row['IsActive'] === true };
  });
  return { users, next: rows.length < USERS_MAX ? null : (users.at(-1)?.id ?? null) };
}
