import { createCollection, type Collection } from './store/collection.ts';
import type { SandboxClock } from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createFieldStore, type FieldStore } from './fields/field-store.ts';
import { organizationIds, ticketIds, userIds, type IdRange } from './ids.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { profileOf, type Profile } from './profiles/profile.ts';
import { organizationBase } from './records/organization.ts';
import { ticketBase } from './records/ticket.ts';
import { endUserBase, staffBase } from './records/user.ts';

/** When the customer began to use the help desk. */
export const ACCOUNT_SINCE = '2019-03-04T08:15:00Z';

export type ObjectName = 'tickets' | 'organizations' | 'users';

/** One help-desk account: its records, fields, limits and clock. */
export interface Account {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly profile: Profile;
  readonly subdomain: string;
  readonly records: Readonly<Record<ObjectName, Collection>>;
  readonly fields: FieldStore;
  limits: Limits;
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const profile = profileOf(world);
  return {
    world,
    clock,
    profile,
    subdomain: `${profile.subdomain}-${Math.abs(world.seed)}`,
    records: {
      tickets: createCollection({ bases: [ticketBase(world)], announcesDeleted: true, ...ranged(ticketIds) }),
      // No document says that exports show deleted organizations.
      organizations: createCollection({
        bases: [organizationBase(world)],
        announcesDeleted: false,
        ...ranged(organizationIds),
      }),
      users: createCollection({
        bases: [staffBase(world), endUserBase(world)],
        announcesDeleted: true,
        ...ranged(userIds),
      }),
    },
    fields: createFieldStore(profile, ACCOUNT_SINCE),
    limits: defaultLimits(),
  };
}

function ranged(ids: IdRange) {
  return { placeOf: ids.indexOf, idAt: ids.of };
}
