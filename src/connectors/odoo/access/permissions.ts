import { concurrently, GantryError, isJsonObject, limits } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { AccessFacts, ObjectStanding, SessionPermissions, SourceUserPage, Standing } from '../../permissions.ts';
import { odooCall, odooFacts, rowsOf } from '../call.ts';
import { readableModels } from '../discovery.ts';
import { nativeFields } from '../native-field.ts';
import { readContext } from '../read-context.ts';
import { listIds } from '../read-page.ts';

/**
 * Record rules are Python, evaluated in the server for whoever asks: only a
 * user's own key tells what it is shown ("Security in Odoo").
 */
export const odooPermissions = (context: SessionContext): SessionPermissions => ({
  strategyOf: () => ({ kind: 'as_user' }),
  readFacts: async () => NO_FACTS,
  audienceOf: () => null,
  listUsers: (after) => listUsers(context, after),
  asUser: {
    readStanding: (objects) => readStanding(context, objects),
    listIds: (object, afterId) => orNothing(NO_IDS, () => listIds(context, object, afterId)),
    visible: (object, ids) => orNothing(new Set<string>(), () => visible(context, object, ids)),
  },
});

const NO_FACTS: AccessFacts = { hash: 'none', data: {} };
const NO_IDS = { ids: [], more: false };

/** `search` leaves out what rules hide, without a word; `read` would raise for all of them. */
async function visible(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const wanted = ids.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
  if (wanted.length === 0) return new Set();
  const { result } = await odooCall(context, object.name, 'search', {
    domain: [['id', 'in', wanted]],
    context: readContext,
  });
  return new Set(Array.isArray(result) ? result.map(String) : []);
}

async function readStanding(context: SessionContext, objects: readonly NativeObject[]): Promise<Standing> {
  const { uid } = await odooFacts(context);
  const models = await readableModels(context);
  const rights = await concurrently(objects, limits.describesAtOnce, async (object) =>
    models?.has(object.name) === false ? null : objectStanding(context, object, models === null),
  );
  const readable = objects.flatMap(({ name }, at): [string, ObjectStanding][] => {
    const standing = rights[at] ?? null;
    return standing === null ? [] : [[name, standing]];
  });
  return { user: String(uid), active: true, grantees: [`user:${String(uid)}`], objects: new Map(readable) };
}

/**
 * `fields_get` leaves out fields of groups that the user is not in. It answers
 * for models that the user may not read, too: `isInDoubt`, only a search says
 * whether it may.
 */
async function objectStanding(
  context: SessionContext,
  object: NativeObject,
  isInDoubt: boolean,
): Promise<ObjectStanding | null> {
  return orNothing(null, async () => {
    if (isInDoubt) await odooCall(context, object.name, 'search', { domain: [['id', '=', 0]], limit: 1 });
    const { result } = await odooCall(context, object.name, 'fields_get', {
      attributes: ['type', 'string', 'store', 'relation'],
    });
    if (!isJsonObject(result)) return null;
    const shown = new Set(nativeFields(context.declaration, result).map(({ name }) => name));
    return { seesAll: false, fields: new Set(object.fields.map(({ name }) => name).filter((name) => shown.has(name))) };
  });
}

const HIDDEN = new Set(['upstream_forbidden', 'upstream_object_missing']);

/** A model that the user may not read shows it nothing. */
async function orNothing<Answer>(nothing: Answer, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GantryError && HIDDEN.has(error.code)) return nothing;
    throw error;
  }
}

const USERS_MAX = 1_000;

/** Users of the company; `share` marks customers with a portal of their own. */
async function listUsers(context: SessionContext, after: string | null): Promise<SourceUserPage> {
  const answer = await odooCall(context, 'res.users', 'search_read', {
    domain: [
      ['id', '>', Number(after ?? 0)],
      ['share', '=', false],
    ],
    fields: ['id', 'name', 'login', 'email', 'active'],
    order: 'id',
    limit: USERS_MAX,
    context: readContext,
  });
  const rows = rowsOf(answer, 'res.users');
  const users = rows.map((row) => {
    const login = textAt(row, 'login');
    return {
      id: idAt(row, 'id', 'res.users'),
      name: textAt(row, 'name') ?? login ?? '',
      // Odoo writes `false` for what is empty; a login usually is an address.
      email: textAt(row, 'email') ?? (login?.includes('@') === true ? login : null),
      active: row['active'] === true,
    };
  });
  return { users, next: rows.length < USERS_MAX ? null : (users.at(-1)?.id ?? null) };
}
