import { hash32, hashText } from '../../kit/index.ts';
import { contactOfEndUser, type World } from '../../world/index.ts';
import { agentId, endUserId, GROUP_IDS, organizationIds } from '../ids.ts';
import { profileOf, type Profile } from '../profiles/profile.ts';
import type { Base, Body } from '../store/collection.ts';
import { isoSeconds } from './body.ts';

const SALT = hashText('zendesk user');

/** The customer's own staff: user 0 is the account's admin, the others are agents. */
export function staffBase(world: World): Base {
  return {
    size: world.counts.users,
    idOf: agentId,
    changedS: (index) => world.modifiedMs('users', index) / 1000,
    firstChangedFrom: (seconds) => world.firstModifiedFrom('users', seconds * 1000),
    build: (index) => staffBody(world, index),
  };
}

/** Contacts that write to support. */
export function endUserBase(world: World): Base {
  const { counts } = world;
  return {
    size: counts.endUsers,
    idOf: (index) => endUserId(counts, index),
    changedS: (index) => world.modifiedMs('contacts', contactOfEndUser(index)) / 1000,
    firstChangedFrom: (seconds) => firstEndUserFrom(world.firstModifiedFrom('contacts', seconds * 1000)),
    build: (index) => endUserBody(world, index),
  };
}

/** The first end user whose contact is not before the given one; of three contacts the third is none. */
function firstEndUserFrom(contact: number): number {
  return 2 * Math.floor(contact / 3) + Math.min(2, contact % 3);
}

function staffBody(world: World, index: number): Body {
  const user = world.user(index);
  const profile = profileOf(world);
  return {
    ...emptyUser(profile, agentId(index)),
    name: user.name,
    email: user.email,
    created_at: isoSeconds(user.createdAt),
    updated_at: isoSeconds(user.modifiedAt),
    role: index === 0 ? 'admin' : 'agent',
    role_type: index === 0 ? 4 : 0,
    moderator: true,
    restricted_agent: false,
    suspended: !user.active,
    default_group_id: GROUP_IDS[index % 2 === 0 ? 0 : 1],
    ticket_restriction: null,
    tags: [user.team],
    user_fields: profile.staffFields,
  };
}

function endUserBody(world: World, index: number): Body {
  const contactIndex = contactOfEndUser(index);
  const contact = world.contact(contactIndex);
  const bits = hash32(world.seed, SALT, index);
  const profile = profileOf(world);
  return {
    ...emptyUser(profile, endUserId(world.counts, index)),
    name: `${contact.firstName} ${contact.lastName}`,
    email: contact.email,
    phone: contact.phone,
    created_at: isoSeconds(contact.createdAt),
    updated_at: isoSeconds(contact.modifiedAt),
    organization_id: organizationIds.of(contact.account),
    details: contact.title,
    verified: bits % 7 !== 0,
    ...profile.endUser({ index: contactIndex, value: contact }, bits),
  };
}

export function emptyUser({ zone, locale }: Profile, id: number): Body {
  return {
    id,
    name: '',
    email: null,
    created_at: null,
    updated_at: null,
    time_zone: zone.name,
    iana_time_zone: zone.iana,
    phone: null,
    shared_phone_number: null,
    photo: null,
    locale_id: locale.id,
    locale: locale.code,
    organization_id: null,
    role: 'end-user',
    role_type: null,
    verified: true,
    external_id: null,
    tags: [],
    alias: '',
    active: true,
    shared: false,
    shared_agent: false,
    last_login_at: null,
    two_factor_auth_enabled: null,
    signature: null,
    details: '',
    notes: '',
    custom_role_id: null,
    moderator: false,
    ticket_restriction: 'requested',
    only_private_comments: false,
    restricted_agent: true,
    suspended: false,
    default_group_id: null,
    report_csv: false,
    user_fields: {},
  };
}
