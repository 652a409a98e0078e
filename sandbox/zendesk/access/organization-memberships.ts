import type { Collection } from '../store/collection.ts';
import type { AccessStore, Membership } from './access-store.ts';

/** The membership of a user's own organization has a number of its own; those that were added come after all of these. */
const FIRST = 360_550_004_117;

/**
 * Everybody who is in an organization: by the organization of the user's
 * record, which is the default one, and by those that were added. Worked out
 * once per change of the users.
 */
export function createOrganizationMemberships(users: Collection, access: AccessStore): () => readonly Membership[] {
  let own: readonly Membership[] = [];
  let read = -1;
  return () => {
    if (read !== users.version()) own = ownOf(users);
    read = users.version();
    return [...own, ...access.moreOrganizations()].toSorted((a, b) => a.id - b.id);
  };
}

function ownOf(users: Collection): readonly Membership[] {
  const found: Membership[] = [];
  for (let place = 0; place < users.placeCount(); place += 1) {
    const { body, deleted } = users.at(place);
    const of = body['organization_id'];
    if (deleted || typeof of !== 'number') continue;
    found.push({ id: FIRST + place, user: body.id, of, isDefault: true, createdAt: String(body['created_at']) });
  }
  return found;
}
