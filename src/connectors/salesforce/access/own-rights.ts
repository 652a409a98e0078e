import { GantryError, type JsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { AdminRight } from '../../contract.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { readPath } from '../../kit/value-path.ts';
import { quoted } from '../soql.ts';
import { isNotThere, queried } from './org-rows.ts';

/**
 * Shares, groups and permissions are told in part, without a word, to a user
 * who may not see all of them. Raises `access_source_refused` with the
 * permission that the connected user lacks. `mayHaveRules`: false of an org
 * that knows no restriction rules.
 */
export async function ownRights(context: SessionContext): Promise<{ readonly mayHaveRules: boolean }> {
  const { body } = await context.http({ path: '/services/oauth2/userinfo' });
  const user = textAt(body, 'user_id') ?? '';
  const rights = await adminPermissions(context, user);
  const missing = [
    ...(rights.has('ViewSetup') ? [] : ['View Setup and Configuration']),
    ...(rights.has('ViewAllData') ? [] : ['View All Data']),
  ];
  if (missing.length > 0) throw lacks(missing);
  const forRules = await rulePermissions(context, user);
  if (forRules?.size === 0) throw lacks(['View Restriction and Scoping Rules']);
  return { mayHaveRules: forRules !== null };
}

/**
 * Modify All Data changes every record, whatever sharing says (Salesforce Help,
 * "User Permissions"). Sets that a profile owns are among the assignments.
 */
export async function adminRight(context: SessionContext): Promise<AdminRight> {
  const { body } = await context.http({ path: '/services/oauth2/userinfo' });
  try {
    const rights = await ownPermissions(context, textAt(body, 'user_id') ?? '', ['ModifyAllData']);
    return rights.size === 0 ? { kind: 'none' } : { kind: 'admin', right: 'Modify All Data' };
  } catch (error) {
    if (isNotThere(error, 'object') || isNotThere(error, 'field')) return { kind: 'untold' };
    throw error;
  }
}

/** To a user who may not see setup, permission sets are not there at all, not even its own (Object Reference, Special Access Rules). */
async function adminPermissions(context: SessionContext, user: string): Promise<ReadonlySet<string>> {
  try {
    return await ownPermissions(context, user, ['ViewSetup', 'ViewAllData']);
  } catch (error) {
    if (isNotThere(error, 'object')) return new Set();
    throw error;
  }
}

/** Null: this org has no such permission, as those have that know no restriction rules. */
async function rulePermissions(context: SessionContext, user: string): Promise<ReadonlySet<string> | null> {
  try {
    return await ownPermissions(context, user, ['ViewRestrictionAndScopingRules', 'ManageSharing']);
  } catch (error) {
    if (isNotThere(error, 'field')) return null;
    throw error;
  }
}

async function ownPermissions(
  context: SessionContext,
  user: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const fields = names.map((name) => `PermissionSet.Permissions${name}`);
  const soql = `SELECT ${fields.join(', ')} FROM PermissionSetAssignment WHERE AssigneeId = ${quoted(user)}`;
  const rows = await queried(context, soql, 'PermissionSetAssignment');
  const has = (row: JsonObject, name: string): boolean => readPath(row, `PermissionSet.Permissions${name}`) === true;
  return new Set(names.filter((name) => rows.some((row) => has(row, name))));
}

function lacks(missing: readonly string[]): GantryError {
  const names = missing.map((name) => `"${name}"`).join(' and ');
  return new GantryError('access_source_refused', {
    message: `The connected Salesforce user lacks ${names}, without which nobody can tell who is shown what.`,
    fix: `Give the connected user ${names} in a permission set, or connect an administrator.`,
    data: { missing: [...missing] },
  });
}

/** Objects with an active restriction rule (Tooling API, RestrictionRule); scoping rules are of the same kind and hide nothing. */
export async function restrictedObjects(context: SessionContext): Promise<ReadonlySet<string>> {
  const soql = 'SELECT TargetEntity, IsActive, EnforcementType FROM RestrictionRule';
  const rows = await queried(context, soql, 'RestrictionRule', 'tooling/query');
  const active = rows.filter((row) => row['IsActive'] === true && row['EnforcementType'] !== 'Scoping');
  return new Set(active.flatMap((row) => textAt(row, 'TargetEntity') ?? []));
}
