import { createCollection, type Collection } from './store/collection.ts';
import { createDeliveries, type Deliveries, type SandboxClock } from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createFieldStore, type FieldStore } from './fields/field-store.ts';
import { organizationIds, ticketIds, userIds, type IdRange } from './ids.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { profileOf, type Profile } from './profiles/profile.ts';
import { organizationBase } from './records/organization.ts';
import { ticketBase } from './records/ticket.ts';
import { endUserBase, staffBase } from './records/user.ts';
import { createWebhookSender, type WebhookSender } from './webhooks/sender.ts';
import { createWebhookStore, type WebhookStore } from './webhooks/webhook-store.ts';

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
  readonly deliveries: Deliveries;
  readonly webhooks: WebhookStore;
  readonly sender: WebhookSender;
  limits: Limits;
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const profile = profileOf(world);
  const subdomain = `${profile.subdomain}-${Math.abs(world.seed)}`;
  const deliveries = createDeliveries();
  const webhooks = createWebhookStore(clock);
  return {
    world,
    clock,
    profile,
    subdomain,
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
    deliveries,
    webhooks,
    sender: createWebhookSender({ clock, deliveries, store: webhooks, subdomain }),
    limits: defaultLimits(),
  };
}

function ranged(ids: IdRange) {
  return { placeOf: ids.indexOf, idAt: ids.of };
}
