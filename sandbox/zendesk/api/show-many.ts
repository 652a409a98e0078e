import { json } from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import type { Endpoint } from './context.ts';
import { badRequest } from './errors.ts';
import { present } from './present.ts';

/** Source: Zendesk, "Show Multiple Tickets" and its siblings: at most 100 at a time. */
const MANY_MAX = 100;

/** Records by a list of ids; ids that no live record has, or none that the caller is shown, are left out of the answer. */
export function showMany(object: ObjectName): Endpoint {
  return ({ account, request, viewer }) => {
    const ids = (request.query.get('ids') ?? '').split(',').filter((text) => text !== '');
    const external = (request.query.get('external_ids') ?? '').split(',').filter((text) => text !== '');
    if (ids.length + external.length === 0 || ids.length > MANY_MAX || external.length > MANY_MAX)
      return badRequest('TooManyValues', `ids or external_ids must name 1 to ${MANY_MAX} records`);
    const collection = account.records[object];
    const named = [...new Set(ids)].flatMap((text) => collection.get(Number(text)) ?? []);
    const others =
      external.length === 0
        ? []
        : Array.from({ length: collection.placeCount() }, (_empty, place) => collection.at(place)).filter((entry) =>
            external.includes(String(entry.body['external_id'])),
          );
    const shown = viewer.filter(object) ?? (() => true);
    const found = [...named, ...others].filter((entry) => !entry.deleted && shown(entry));
    return json(200, {
      [object]: found.map((entry) => present(account, request.origin, object, entry)),
      next_page: null,
      previous_page: null,
      count: found.length,
    });
  };
}
