import {
  canonicalJson,
  concurrently,
  contentHash,
  GantryError,
  isJsonObject,
  limits,
  type JsonObject,
} from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { readDeclaredRecords } from '../../kit/declared-records.ts';
import { derivedVisibility } from '../../kit/derived-visibility.ts';
import type { NativeRecord } from '../../contract.ts';
import type { AccessFacts, SessionPermissions, SourceUserPage, Standing } from '../../permissions.ts';
import type { WriteRight, WriteRightsQuestion } from '../../write-rights.ts';
import { agentFrom, needsGroups, needsOrganizations, standingOf, type Agent } from './agents.ts';
import { audienceOf, factsOf, strategyOf } from './audiences.ts';
import { listPage, wholeList } from './lists.ts';
import { customRoleOf, inParts, zendeskRight, type ZendeskWriter } from './write-rights.ts';

/** Roles and restrictions of agents, their groups and organizations; tickets name the rest. */
export function zendeskPermissions(context: SessionContext): SessionPermissions {
  const { declaration } = context;
  const told = {
    readFacts: () => readFacts(context),
    audienceOf: ((object, record, facts) =>
      audienceOf(declaration, object, record, facts)) satisfies SessionPermissions['audienceOf'],
    readStandings: (users: readonly string[], objects: readonly NativeObject[]) =>
      readStandings(context, users, objects),
  };
  const readMany = (object: NativeObject, ids: readonly string[]): ReturnType<typeof readDeclaredRecords> => {
    const declared = declaration.objects[object.name];
    if (declared?.many === undefined) throw new Error(`${object.name} declares no way to single records`);
    return readDeclaredRecords(context, declared, declared.many, ids);
  };
  const visibleTo = derivedVisibility(told, readMany);
  return {
    ...told,
    strategyOf: (object) => strategyOf(declaration, object),
    visibleTo,
    mayWrite: async (question) => {
      const writer = await writerNamed(context, question.user);
      return writer === null ? null : rightsOf(writer, question, { visibleTo, readMany });
    },
    listUsers: (after) => listUsers(context, after),
  };
}

/** Null: there is no such user, or it may not sign in. */
async function writerNamed(context: SessionContext, user: string): Promise<ZendeskWriter | null> {
  const [[row], roles] = await Promise.all([usersNamed(context, [user]), customRoles(context)]);
  if (row === undefined) return null;
  const { id, active, role } = agentFrom(row, roles);
  if (!active) return null;
  const custom = customRoleOf(row, roles);
  const ofOrganizations = custom !== null && custom !== 'unknown' && custom['end_user_profile_access'] === WITHIN_ORG;
  const organizations = ofOrganizations
    ? [...idOf(row, 'organization_id'), ...(await organizationsOf(context, id))]
    : [];
  return {
    id,
    role,
    custom,
    restriction: textAt(row, 'ticket_restriction'),
    organizations: new Set(organizations),
  };
}

const WITHIN_ORG = 'edit-within-org';

/** Beside the user and its role: who is shown the records, asked as it is for reading, and of users what they are. */
async function rightsOf(
  writer: ZendeskWriter,
  question: WriteRightsQuestion,
  ask: {
    readonly visibleTo: NonNullable<SessionPermissions['visibleTo']>;
    readonly readMany: (object: NativeObject, ids: readonly string[]) => ReturnType<typeof readDeclaredRecords>;
  },
): Promise<readonly WriteRight[]> {
  const { object, user, writes } = question;
  const shown = new Set<string>();
  const users = new Map<string, NativeRecord>();
  for (const ids of inParts([...new Set(writes.flatMap(({ recordId }) => recordId ?? []))])) {
    for (const id of await ask.visibleTo(user, object, ids)) shown.add(id);
    if (object.name !== 'users') continue;
    for (const record of (await ask.readMany(object, ids)).records) users.set(record.id, record);
  }
  return writes.map((wish) => zendeskRight(writer, question, wish, { shown, users }));
}

/** Private groups (reference of Groups, `is_public`): one call per hundred groups. */
async function readFacts(context: SessionContext): Promise<AccessFacts> {
  const groups = await wholeList(context, { path: '/api/v2/groups.json', rows: 'groups' });
  const hidden = groups.filter((group) => group['is_public'] === false).flatMap((group) => textAt(group, 'id') ?? []);
  const data = factsOf(hidden.toSorted());
  return { hash: contentHash(canonicalJson(data)), data };
}

async function readStandings(
  context: SessionContext,
  users: readonly string[],
  objects: readonly NativeObject[],
): Promise<readonly Standing[]> {
  const [rows, roles] = await Promise.all([usersNamed(context, users), customRoles(context)]);
  const agents = rows.map((row) => ({ row, agent: agentFrom(row, roles) }));
  const byGroups = agents.some(({ agent }) => needsGroups(agent));
  const groups = byGroups ? await groupsByUser(context) : new Map<string, string[]>();
  const narrow = agents.filter(({ agent }) => needsOrganizations(agent));
  const organizations = new Map(
    await concurrently(narrow, limits.describesAtOnce, async ({ row, agent }): Promise<[string, string[]]> => [
      agent.id,
      [...new Set([...idOf(row, 'organization_id'), ...(await organizationsOf(context, agent.id))])],
    ]),
  );
  return agents.map(({ agent }) => {
    const whole: Agent = {
      ...agent,
      groups: groups.get(agent.id) ?? [],
      organizations: organizations.get(agent.id) ?? [],
    };
    return standingOf(whole, objects);
  });
}

/** "Show Many Users": at most 100 at once; ids that are not there are left out. */
const NAMED_MAX = 100;

async function usersNamed(context: SessionContext, users: readonly string[]): Promise<readonly JsonObject[]> {
  const known = users.filter((id) => /^\d{1,20}$/.test(id));
  const rows: JsonObject[] = [];
  const path = '/api/v2/users/show_many.json';
  for (let at = 0; at < known.length; at += NAMED_MAX) {
    const { body } = await context.http({ path, query: { ids: known.slice(at, at + NAMED_MAX).join(',') } });
    rows.push(...listAt(body, 'users', `GET ${path}`));
  }
  return rows;
}

/** Plans without custom roles refuse the question, or know no such address. */
async function customRoles(context: SessionContext): Promise<ReadonlyMap<string, JsonObject>> {
  const path = '/api/v2/custom_roles.json';
  try {
    const { body } = await context.http({ path });
    return new Map(
      listAt(body, 'custom_roles', `GET ${path}`).flatMap((role): [string, JsonObject][] => {
        const id = textAt(role, 'id');
        const configuration = role['configuration'];
        return id !== null && configuration !== undefined && isJsonObject(configuration) ? [[id, configuration]] : [];
      }),
    );
  } catch (error) {
    if (error instanceof GantryError && NO_ROLES.has(error.code)) return new Map();
    throw error;
  }
}

const NO_ROLES = new Set(['upstream_forbidden', 'upstream_object_missing']);

async function groupsByUser(context: SessionContext): Promise<ReadonlyMap<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const row of await wholeList(context, { path: '/api/v2/group_memberships.json', rows: 'group_memberships' })) {
    const [user, group] = [textAt(row, 'user_id'), textAt(row, 'group_id')];
    if (user !== null && group !== null) found.set(user, [...(found.get(user) ?? []), group]);
  }
  return found;
}

async function organizationsOf(context: SessionContext, user: string): Promise<string[]> {
  const path = `/api/v2/users/${user}/organization_memberships.json`;
  const rows = await wholeList(context, { path, rows: 'organization_memberships' });
  return rows.flatMap((row) => idOf(row, 'organization_id'));
}

function idOf(row: JsonObject, field: string): string[] {
  const id = textAt(row, field);
  return id === null ? [] : [id];
}

/** Agents and administrators; end users are customers, and are shown nothing. */
async function listUsers(context: SessionContext, after: string | null): Promise<SourceUserPage> {
  const list = { path: '/api/v2/users.json', rows: 'users', rawQuery: 'role[]=agent&role[]=admin' };
  const { rows, next } = await listPage(context, list, after);
  const users = rows.flatMap((row) => {
    const id = textAt(row, 'id');
    if (id === null || textAt(row, 'role') === 'end-user') return [];
    const active = row['active'] === true && row['suspended'] !== true;
    return [{ id, name: textAt(row, 'name') ?? id, email: textAt(row, 'email'), active }];
  });
  return { users, next };
}
