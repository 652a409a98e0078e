import type { Account, ObjectName } from '../account.ts';
import type { Body } from '../store/collection.ts';

type Shown = (record: Body) => boolean;

/**
 * docs/sandboxes-access.md, "Zendesk", rule by rule and record by record; the
 * API does not go this way. Says which records of the object a user is shown.
 */
export function writtenRules(account: Account, user: Body, object: ObjectName | 'requests'): Shown {
  const { role } = user;
  const isOwn: Shown = (record) => record['requester_id'] === user.id;
  if (role === 'end-user') {
    if (object === 'users') return ({ id }) => id === user.id;
    return object === 'requests' ? requestRule(account, user) : () => false;
  }
  if (object === 'requests') return isOwn;
  if (role === 'admin' || object === 'organizations') return () => true;
  return object === 'tickets' ? ticketRule(account, user) : userRule(account, user);
}

type Access = 'everything' | 'public' | 'groups' | 'organization' | 'assigned';

const OF_ROLES: Readonly<Record<string, Access>> = {
  all: 'everything',
  'within-groups-and-public-groups': 'public',
  'within-groups': 'groups',
  'within-organization': 'organization',
  'assigned-only': 'assigned',
};

function accessOf(account: Account, user: Body): { readonly access: Access; readonly byRole: boolean } {
  const role = account.access.roles().find(({ id }) => id === user['custom_role_id']);
  if (role !== undefined) return { access: OF_ROLES[role.ticketAccess] ?? 'assigned', byRole: true };
  const restriction = user['ticket_restriction'];
  if (restriction === null) return { access: 'public', byRole: false };
  const known = restriction === 'groups' || restriction === 'organization';
  return { access: known ? restriction : 'assigned', byRole: false };
}

function ticketRule(account: Account, user: Body): Shown {
  const { access, byRole } = accessOf(account, user);
  const memberships = account.access.groupMemberships().filter((each) => each.user === user.id);
  const groups = account.access.groups().map(({ id, isPublic }) => ({
    id,
    isPublic,
    member: memberships.some((each) => each.of === id),
  }));
  const mine = organizations(account, user);
  return (ticket) => {
    if (ticket['assignee_id'] === user.id || ticket['requester_id'] === user.id) return true;
    const group = groups.find(({ id }) => id === ticket['group_id']);
    const open = group === undefined || group.isPublic || group.member;
    const told = ['collaborator_ids', 'follower_ids', 'email_cc_ids'].some((key) =>
      (ticket[key] as readonly number[]).includes(user.id),
    );
    switch (access) {
      case 'everything':
        return true;
      case 'public':
        return open || (told && !byRole);
      case 'groups':
        return group?.member === true;
      case 'organization':
        return mine.includes(Number(ticket['organization_id'])) && (open || told);
      case 'assigned':
        return false;
    }
  };
}

function userRule(account: Account, user: Body): Shown {
  if (accessOf(account, user).access !== 'organization') return () => true;
  const mine = organizations(account, user);
  return (record) =>
    record['role'] !== 'end-user' || organizations(account, record).some((organization) => mine.includes(organization));
}

/** What an end user finds under "requests": own, copied in, and those of an organization that shares. */
function requestRule(account: Account, user: Body): Shown {
  const sharing = organizations(account, user).filter((id) => {
    const organization = account.records.organizations.get(id);
    if (organization === null || organization.deleted) return false;
    return organization.body['shared_tickets'] === true || user['ticket_restriction'] === 'organization';
  });
  return (ticket) => {
    if (ticket['is_public'] === false) return false;
    if (ticket['requester_id'] === user.id) return true;
    if ((ticket['collaborator_ids'] as readonly number[]).includes(user.id)) return true;
    return sharing.includes(Number(ticket['organization_id']));
  };
}

function organizations(account: Account, user: Body): readonly number[] {
  const more = account.access.moreOrganizations().filter((each) => each.user === user.id);
  const own = user['organization_id'];
  return [...(typeof own === 'number' ? [own] : []), ...more.map(({ of }) => of)];
}
