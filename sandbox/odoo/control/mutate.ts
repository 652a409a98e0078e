import { ControlError, type Effect, type Mutation } from '../../kit/index.ts';
import { envOf } from '../api/session.ts';
import { OdooError } from '../errors.ts';
import type { Org } from '../org.ts';
import { superuser } from '../orm/env.ts';
import { read } from '../orm/read.ts';
import { create, unlink, write, type Effects } from '../orm/write.ts';
import { uidOf } from '../content/ids.ts';

/** Changes a record as the administrator would who no rule binds; archiving is an update of `active`. */
export function mutate(org: Org, mutation: Mutation): { id: string; record: unknown; effects: readonly Effect[] } {
  const { op, object, fields = {} } = mutation;
  if (org.registry.get(object)?.kind !== 'table') throw new ControlError(`no model ${object}`);
  if (op === 'undelete') throw new ControlError('unlink leaves nothing to bring back; archive with {active: false}');
  const env = superuser(envOf(org, uidOf(0), {}));
  const effects: Effects = [];
  const id = op === 'create' ? 0 : Number(mutation.id);
  if (op !== 'create' && !org.table(object).exists(id)) throw new ControlError(`no ${object} ${mutation.id}`);
  try {
    if (op === 'delete') {
      org.transactions.run(() => unlink(env, object, [id], effects));
      return { id: String(id), record: null, effects };
    }
    const kept = org.transactions.run(() => {
      if (op === 'update') write(env, object, [id], fields, effects);
      return op === 'create' ? (create(env, object, [fields], effects)[0] ?? 0) : id;
    });
    return {
      id: String(kept),
      // Read only when somebody looks: lists of children are long after a burst.
      get record() {
        return org.table(object).exists(kept) ? read(env, object, [kept], null)[0] : null;
      },
      effects,
    };
  } catch (error) {
    throw error instanceof OdooError ? new ControlError(`${error.pythonName}: ${error.message}`) : error;
  }
}
