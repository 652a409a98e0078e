import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { findUser, objectName, type Input } from './control-input.ts';
import { createOracle } from './oracle.ts';

/**
 * `{user, object?}`: ids of the live records and names of the fields that a
 * user is shown, by object: worked out from the specification, not by the
 * request path. Restriction rules count.
 */
export function visible(org: Org, input: Input): unknown {
  const { state, model, records } = org.sharing;
  if (input['user'] === undefined) throw new ControlError('visible wants {user: username or id, object?}');
  const user = findUser(state, input['user']);
  const oracle = createOracle({ state, schema: org.schema, records, model }, user);
  const named = input['object'] === undefined ? null : objectName(org.schema, input['object']);
  const objects = org.schema
    .objects()
    .filter((object) => object.queryable && (object.writable || object.name === 'User'));
  const answers = objects
    .filter((object) => named === null || object.name === named)
    .map((object) => {
      const table = org.table(object.name);
      const readable = user.active && oracle.canReadObject(object);
      const hidden = state.restricted.get(`${user.username} ${object.name}`);
      const uncommitted = org.late.hidden(object.name);
      const ids: string[] = [];
      for (let row = 0; readable && row < table.rowCount(); row += 1) {
        if (table.isDeleted(row) || !oracle.canRead(object, row)) continue;
        const id = table.id(row);
        if (hidden?.has(id) !== true && uncommitted?.(id) !== true) ids.push(id);
      }
      const fields = readable ? object.fields.filter((field) => oracle.canReadField(object, field)) : [];
      const answer = { readable, viewAll: oracle.viewsAll(object), ids, fields: fields.map(({ name }) => name) };
      return [object.name, answer] as const;
    });
  return { user: user.username, id: user.id, objects: Object.fromEntries(answers) };
}
