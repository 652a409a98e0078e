import type { ObjectName } from '../account.ts';
import type { ApiRoute, Call } from './context.ts';
import { countTicketFields, listKeyedFields, listTicketFields, showTicketField } from './fields.ts';
import { accountName, accountSettings, brands, me } from './identity.ts';
import { customRole, customRoles, group, groupMemberships, groups, organizationMemberships } from './memberships.ts';
import { listRequests, showRequest } from './requests.ts';
import { cursorExport, timeExport } from './incremental.ts';
import { count, list, organizationChildren, organizationTicketCount, searchOrganizations, show } from './lists.ts';
import { search, searchCount, searchUsers } from './search.ts';
import { showMany } from './show-many.ts';
import { createField } from './new-fields.ts';
import { WRITE_ROUTES } from './write-routes.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  resetSigningSecret,
  showSigningSecret,
  showWebhook,
  updateWebhook,
} from './webhooks.ts';

/** Everything under `/api/v2/`, most specific first. Only admins may use incremental exports. */
export const API_ROUTES: readonly ApiRoute[] = [
  { ...get('users/me', me, 'users'), forEndUsers: true },
  get('account', accountName),
  get('account/settings', accountSettings),
  get('brands', brands),
  get('groups', groups),
  get('groups/(\\d+)', group),
  get('custom_roles', customRoles),
  { ...get('custom_roles/(\\d+)', customRole), adminsOnly: true },
  get('group_memberships', groupMemberships('all')),
  get('users/(\\d+)/group_memberships', groupMemberships('user')),
  get('groups/(\\d+)/memberships', groupMemberships('group')),
  get('organization_memberships', organizationMemberships('all'), 'organizations'),
  get('users/(\\d+)/organization_memberships', organizationMemberships('user'), 'organizations'),
  get('organizations/(\\d+)/organization_memberships', organizationMemberships('organization'), 'organizations'),
  { ...get('requests', listRequests, 'requests'), forEndUsers: true },
  { ...get('requests/(\\d+)', showRequest, 'requests'), forEndUsers: true },
  get('ticket_fields', listTicketFields, 'tickets'),
  get('ticket_fields/count', countTicketFields, 'tickets'),
  get('ticket_fields/(\\d+)', showTicketField, 'tickets'),
  get('organization_fields', listKeyedFields('organizations'), 'organizations'),
  get('user_fields', listKeyedFields('users'), 'users'),
  get('organizations/search', searchOrganizations, 'organizations'),
  get('users/search', searchUsers, 'users'),
  newFieldRoute('ticket_fields', 'tickets'),
  newFieldRoute('organization_fields', 'organizations'),
  newFieldRoute('user_fields', 'users'),
  ...objectRoutes('tickets'),
  ...objectRoutes('organizations'),
  ...objectRoutes('users'),
  get('organizations/(\\d+)/tickets', organizationChildren('tickets'), 'tickets'),
  get('organizations/(\\d+)/users', organizationChildren('users'), 'users'),
  get('organizations/(\\d+)/tickets/count', organizationTicketCount, 'tickets'),
  get('search', search),
  get('search/count', searchCount),
  { ...get('incremental/tickets/cursor', cursorExport('tickets'), 'tickets'), adminsOnly: true, incremental: true },
  { ...get('incremental/users/cursor', cursorExport('users'), 'users'), adminsOnly: true, incremental: true },
  { ...get('incremental/tickets', timeExport('tickets'), 'tickets'), adminsOnly: true, incremental: true },
  { ...get('incremental/users', timeExport('users'), 'users'), adminsOnly: true, incremental: true },
  {
    ...get('incremental/organizations', timeExport('organizations'), 'organizations'),
    adminsOnly: true,
    incremental: true,
  },
  ...WRITE_ROUTES,
  ...webhookRoutes(),
  { method: 'DELETE', pattern: /^oauth\/tokens\/current$/, handle: revokeCurrent, anyScope: true, forEndUsers: true },
];

function get(path: string, handle: ApiRoute['handle'], resource?: string): ApiRoute {
  const pattern = new RegExp(`^${path}$`);
  return { method: 'GET', pattern, handle, ...(resource === undefined ? {} : { resource }) };
}

function objectRoutes(object: ObjectName): readonly ApiRoute[] {
  return [
    get(object, list(object), object),
    get(`${object}/count`, count(object), object),
    get(`${object}/show_many`, showMany(object), object),
    get(`${object}/(\\d+)`, show(object), object),
  ];
}

function newFieldRoute(path: string, owner: ObjectName): ApiRoute {
  return { ...get(path, createField(owner), owner), method: 'POST', adminsOnly: true };
}

/** Ids of webhooks have letters. */
function webhookRoutes(): readonly ApiRoute[] {
  const one = 'webhooks/([0-9A-Z]+)';
  const route = (method: ApiRoute['method'], path: string, handle: ApiRoute['handle']): ApiRoute => ({
    ...get(path, handle, 'webhooks'),
    method,
    adminsOnly: true,
  });
  return [
    route('GET', 'webhooks', listWebhooks),
    route('POST', 'webhooks', createWebhook),
    route('GET', one, showWebhook),
    route('PUT', one, updateWebhook('replace')),
    route('PATCH', one, updateWebhook('patch')),
    route('DELETE', one, deleteWebhook),
    route('GET', `${one}/signing_secret`, showSigningSecret),
    route('POST', `${one}/signing_secret`, resetSigningSecret),
  ];
}

function revokeCurrent({ request, tokens }: Call) {
  tokens.revoke(request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '');
  return { status: 204, body: '' };
}
