import { concurrently, GantryError, limits } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { idAt, listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { AsUserPermissions, ObjectStanding, Standing } from '../../permissions.ts';
import { listStamps } from '../read-records.ts';
import { inSoql } from '../soql.ts';
import { aloneOf } from './org-chart.ts';
import { isSourceRefused, queried } from './org-rows.ts';

/** The session's token is the user's: describe leaves out what the user may not read, and queries what it is not shown. */
export const asUser = (context: SessionContext): AsUserPermissions => ({
  readStanding: (objects) => readOwnStanding(context, objects),
  listIds: async (object, afterId) => {
    const { ids, more } = await listStamps(context, object, afterId);
    return { ids, more };
  },
  visible: async (object, ids) => {
    const known = ids.filter((id) => /^[A-Za-z0-9]{15,18}$/.test(id));
    if (known.length === 0) return new Set();
    try {
      const rows = await queried(context, `SELECT Id FROM ${object.name} WHERE ${inSoql('Id', known)}`, object.name);
      return new Set(rows.map((row) => idAt(row, 'Id', object.name)));
    } catch (error) {
      if (isSourceRefused(error)) return new Set();
      throw error;
    }
  },
});

/** The user's groups are for the administrator's session to tell: beside itself, nothing is known of it. */
async function readOwnStanding(context: SessionContext, objects: readonly NativeObject[]): Promise<Standing> {
  const { body } = await context.http({ path: '/services/oauth2/userinfo' });
  const user = idAt(body, 'user_id', 'userinfo');
  const standings = await concurrently(objects, limits.describesAtOnce, (object) => ownFields(context, object));
  const readable = objects.flatMap(({ name }, at): [string, ObjectStanding][] => {
    const standing = standings[at];
    return standing === undefined || standing === null ? [] : [[name, standing]];
  });
  return { user, active: true, grantees: [aloneOf(user)], objects: new Map(readable) };
}

const HIDDEN = new Set(['upstream_object_missing', 'upstream_forbidden']);

async function ownFields(context: SessionContext, object: NativeObject): Promise<ObjectStanding | null> {
  const path = `/services/data/${context.declaration.api_version}/sobjects/${object.name}/describe`;
  try {
    const { body } = await context.http({ path });
    const shown = new Set(listAt(body, 'fields', `GET ${path}`).map((field) => textAt(field, 'name')));
    return { seesAll: false, fields: new Set(object.fields.map(({ name }) => name).filter((name) => shown.has(name))) };
  } catch (error) {
    if (error instanceof GantryError && HIDDEN.has(error.code)) return null;
    throw error;
  }
}
