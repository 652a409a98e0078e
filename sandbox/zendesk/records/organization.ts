import { hash32, hashText } from '../../kit/index.ts';
import { salesforceId, type World } from '../../world/index.ts';
import { organizationIds } from '../ids.ts';
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
  const premium = account.segment === 'Enterprise' && bits % 3 !== 0;
  return {
    ...emptyOrganization(organizationIds.of(index)),
    // Zendesk trims names.
    name: account.name.trim(),
    created_at: isoSeconds(account.createdAt),
    updated_at: isoSeconds(account.modifiedAt),
    domain_names: [account.domain],
    details: bits % 9 === 0 ? `${account.street}\n${account.postalCode} ${account.city}` : '',
    notes: bits % 23 === 0 ? 'Achtung: nur schriftlich, bitte keine Anrufe!' : '',
    external_id: salesforceId('001', index),
    tags: [...(premium ? ['premium'] : []), ...(account.status === 'Gefährdet' ? ['risiko'] : [])],
    organization_fields: {
      kundennummer: account.customerNumber,
      segment: account.segment.toLowerCase(),
      kunde_seit: `${account.createdAt.toISOString().slice(0, 10)}T00:00:00+00:00`,
      premium_support: premium,
      kundennummer_alt: null,
    },
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
