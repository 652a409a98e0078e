import { hash32, hashText } from '../../kit/index.ts';
import type { World } from '../../world/index.ts';
import { organizationIds } from '../ids.ts';
import { profileOf } from '../profiles/profile.ts';
import type { Base, Body } from '../store/collection.ts';
import { isoSeconds } from './body.ts';

const SALT = hashText('zendesk organization');

export function organizationBase(world: World): Base {
  return {
    size: world.counts.accounts,
    idOf: organizationIds.of,
    changedS: (index) => world.modifiedMs('accounts', index) / 1000,
    firstChangedFrom: (seconds) => world.firstModifiedFrom('accounts', seconds * 1000),
    build: (index) => organizationBody(world, index),
  };
}

function organizationBody(world: World, index: number): Body {
  const account = world.account(index);
  const bits = hash32(world.seed, SALT, index);
  return {
    ...emptyOrganization(organizationIds.of(index)),
    // Zendesk trims names.
    name: account.name.trim(),
    created_at: isoSeconds(account.createdAt),
    updated_at: isoSeconds(account.modifiedAt),
    ...profileOf(world).organization({ index, value: account }, bits),
  };
}

export function emptyOrganization(id: number): Body {
  return {
    id,
    name: '',
    shared_tickets: false,
    shared_comments: false,
    external_id: null,
    created_at: null,
    updated_at: null,
    domain_names: [],
    details: '',
    notes: '',
    group_id: null,
    tags: [],
    organization_fields: {},
  };
}
