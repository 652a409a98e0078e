import { createCollection, type Collection } from './store/collection.ts';
import {
  createDeliveries,
  createWriteFailures,
  type Deliveries,
  type SandboxClock,
  type WriteFailures,
} from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createFieldStore, type FieldStore } from './fields/field-store.ts';
import { createAccessStore, type AccessStore, type Membership } from './access/access-store.ts';
import { createOrganizationMemberships } from './access/organization-memberships.ts';
import { agentId, organizationIds, ticketIds, userIds, type IdRange } from './ids.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { profileOf, type Profile } from './profiles/profile.ts';
import { organizationBase } from './records/organization.ts';
import { ticketBase } from './records/ticket.ts';
import { endUserBase, staffBase } from './records/user.ts';
import { createWebhookSender, type WebhookSender } from './webhooks/sender.ts';
import { createWebhookStore, type WebhookStore } from './webhooks/webhook-store.ts';
import { createConversations, type Conversations } from './writes/conversation.ts';
import { createIdempotencyKeys, type IdempotencyKeys } from './writes/idempotency.ts';
import { createJobs, type Jobs } from './writes/jobs.ts';
import { createUniqueIndex, type UniqueIndex } from './writes/unique-index.ts';
import { createUpdateLimits, type UpdateLimits } from './writes/update-limits.ts';

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
  readonly access: AccessStore;
  /** Ids of agents and admins, deleted ones included. */
  staff(): readonly number[];
  organizationMemberships(): readonly Membership[];
  /** Lets somebody sign in who could not before. */
  enrol(user: number): void;
  /** Ids of those who have a password. */
  enrolled(): readonly number[];
  readonly deliveries: Deliveries;
  readonly webhooks: WebhookStore;
  readonly sender: WebhookSender;
  limits: Limits;
  readonly failures: WriteFailures;
  readonly conversations: Conversations;
  readonly idempotency: IdempotencyKeys;
  readonly jobs: Jobs;
  readonly updateLimits: UpdateLimits;
  /** Values that no two records may have. */
  readonly unique: {
    readonly userEmail: UniqueIndex;
    readonly userExternalId: UniqueIndex;
    readonly organizationName: UniqueIndex;
    readonly organizationExternalId: UniqueIndex;
  };
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const profile = profileOf(world);
  const subdomain = `${profile.subdomain}-${Math.abs(world.seed)}`;
  const deliveries = createDeliveries();
  const webhooks = createWebhookStore(clock);
  const records = createRecords(world);
  const access = createAccessStore(world, profile.groups, ACCOUNT_SINCE);
  const enrolled = Array.from({ length: world.counts.users }, (_empty, user) => agentId(user));
  const account: Account = {
    world,
    clock,
    profile,
    subdomain,
    records,
    access,
    staff: () => enrolled.filter((id) => records.users.get(id)?.body['role'] !== 'end-user'),
    organizationMemberships: createOrganizationMemberships(records.users, access),
    enrol: (user) => {
      enrolled.push(user);
    },
    enrolled: () => enrolled,
    fields: createFieldStore(profile, ACCOUNT_SINCE),
    deliveries,
    webhooks,
    sender: createWebhookSender({ clock, deliveries, store: webhooks, subdomain }),
    limits: defaultLimits(),
    failures: createWriteFailures(),
    conversations: createConversations(),
    idempotency: createIdempotencyKeys(clock),
    jobs: createJobs({ clock, limits: () => account.limits }),
    updateLimits: createUpdateLimits(clock),
    unique: {
      userEmail: createUniqueIndex(records.users, ({ body }) => body['email']),
      userExternalId: createUniqueIndex(records.users, ({ body }) => body['external_id']),
      organizationName: createUniqueIndex(records.organizations, ({ body }) => body['name']),
      organizationExternalId: createUniqueIndex(records.organizations, ({ body }) => body['external_id']),
    },
  };
  return account;
}

function createRecords(world: World): Account['records'] {
  return {
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
  };
}

function ranged(ids: IdRange) {
  return { placeOf: ids.indexOf, idAt: ids.of };
}
