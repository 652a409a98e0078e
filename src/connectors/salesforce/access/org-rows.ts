import { GantryError, limits, type JsonObject } from '../../../kernel/index.ts';
import { idAt, listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { encodedSoql, quoted, rowsSoql } from '../soql.ts';
import type { OrgChart, OrgGroup, OrgUser } from './org-chart.ts';

/** The most that Salesforce returns in one answer. */
const PAGE_ROWS = 2_000;

export interface RowsWanted {
  readonly object: string;
  readonly fields: readonly string[];
  readonly only?: string;
}

/** All rows of one kind, 2,000 a call. Raises `access_source_refused` where the connected user may not read them. */
export async function allRows(context: SessionContext, wanted: RowsWanted): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  let after: string | null = null;
  for (;;) {
    const soql = rowsSoql({
      object: wanted.object,
      fields: ['Id', ...wanted.fields],
      only: wanted.only ?? null,
      after,
      limit: PAGE_ROWS,
    });
    const page: readonly JsonObject[] = await queried(context, soql, wanted.object);
    rows.push(...page);
    const last: JsonObject | undefined = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) return rows;
    const next: string = idAt(last, 'Id', wanted.object);
    if (next === after || rows.length > limits.accessRowsMax) throw endless(wanted.object);
    after = next;
  }
}

/** One answer. `object` is what the query is about, for people. */
export async function queried(
  context: SessionContext,
  soql: string,
  object: string,
  api: 'query' | 'tooling/query' = 'query',
): Promise<readonly JsonObject[]> {
  const path = `/services/data/${context.declaration.api_version}/${api}`;
  try {
    const { body } = await context.http({ path, rawQuery: `q=${encodedSoql(soql)}` });
    return listAt(body, 'records', `GET ${path} (${object})`);
  } catch (error) {
    throw isRefusal(error) ? sourceRefused(object, error) : error;
  }
}

const REFUSED = new Set([
  'upstream_forbidden',
  'upstream_object_missing',
  'upstream_schema_changed',
  'upstream_refused',
]);

const isRefusal = (error: unknown): error is GantryError => error instanceof GantryError && REFUSED.has(error.code);

export const isSourceRefused = (error: unknown): boolean =>
  error instanceof GantryError && error.code === 'access_source_refused';

/** The org has no such object, or no such field of it; to a user who may not see it, an object is not there. */
export const isNotThere = (error: unknown, what: 'object' | 'field'): boolean =>
  error instanceof GantryError &&
  error.details.data?.['cause'] === (what === 'object' ? 'upstream_object_missing' : 'upstream_schema_changed');

function sourceRefused(object: string, cause: GantryError): GantryError {
  return new GantryError('access_source_refused', {
    message: `Salesforce does not let the connected user read ${object}, which says who is shown what.`,
    ...(cause.details.where === undefined ? {} : { where: cause.details.where }),
    fix: 'Give the connected user the permissions "View Setup and Configuration" and "View All Data".',
    data: { object, cause: cause.code },
  });
}

function endless(object: string): GantryError {
  return new GantryError('upstream_too_large', {
    message: `Salesforce has more rows of ${object} than access can be worked out from.`,
    data: { class: 'too_large', object },
  });
}

/** Users, roles and groups of the org, whoever is asked about: hierarchies need them all. */
export async function readOrgChart(context: SessionContext): Promise<OrgChart> {
  const [users, frozen, roles, groups, members] = await Promise.all([
    allRows(context, { object: 'User', fields: ['IsActive', 'UserRoleId', 'UserType', 'ManagerId'] }),
    frozenUsers(context, null),
    allRows(context, { object: 'UserRole', fields: ['ParentRoleId'] }),
    allRows(context, { object: 'Group', fields: ['Type', 'RelatedId', 'DoesIncludeBosses'] }),
    allRows(context, { object: 'GroupMember', fields: ['GroupId', 'UserOrGroupId'] }),
  ]);
  return {
    users: users.map((row): OrgUser => {
      const id = idAt(row, 'Id', 'User');
      return {
        id,
        active: row['IsActive'] === true && !frozen.has(id),
        // Customers and partners have licences of other types, and defaults of their own.
        internal: row['UserType'] === 'Standard',
        role: textAt(row, 'UserRoleId'),
        manager: textAt(row, 'ManagerId'),
      };
    }),
    roles: roles.map((row) => ({ id: idAt(row, 'Id', 'UserRole'), parent: textAt(row, 'ParentRoleId') })),
    groups: groups.map((row): OrgGroup => ({
      id: idAt(row, 'Id', 'Group'),
      type: textAt(row, 'Type') ?? '',
      related: textAt(row, 'RelatedId'),
      bosses: row['DoesIncludeBosses'] === true,
    })),
    members: members.map((row) => ({
      group: idAt(row, 'GroupId', 'GroupMember'),
      member: idAt(row, 'UserOrGroupId', 'GroupMember'),
    })),
  };
}

/** Whether the user may sign in there at all. */
export async function isActive(context: SessionContext, user: string): Promise<boolean> {
  const [rows, frozen] = await Promise.all([
    allRows(context, { object: 'User', fields: ['IsActive'], only: `Id = ${quoted(user)}` }),
    frozenUsers(context, user),
  ]);
  return rows.some((row) => row['IsActive'] === true) && !frozen.has(user);
}

/**
 * Users whose sign-in an administrator has stopped (Object Reference,
 * UserLogin), or whether it is one of them. Not every org tells of them.
 */
export async function frozenUsers(context: SessionContext, user: string | null): Promise<ReadonlySet<string>> {
  const only = `IsFrozen = true${user === null ? '' : ` AND UserId = ${quoted(user)}`}`;
  try {
    const rows = await allRows(context, { object: 'UserLogin', fields: ['UserId'], only });
    return new Set(rows.flatMap((row) => textAt(row, 'UserId') ?? []));
  } catch (error) {
    if (isSourceRefused(error)) return new Set();
    throw error;
  }
}
