import type { World, WorldUser } from '../../world/index.ts';
import { listed, segment } from '../rows/segment.ts';
import { active, field, many2many, many2one, related } from '../schema/build.ts';
import { ACCESS, GROUPS, model, type ModelDef } from '../schema/model.ts';
import {
  COMPANY_ID,
  COMPANY_PARTNER,
  contactPartner,
  CURRENCY,
  portalUid,
  ROOT_UID,
  staffPartner,
  uidOf,
} from './ids.ts';

const GROUP_ROWS = [
  [GROUPS.user, 'Internal User'],
  [GROUPS.portal, 'Portal'],
  [GROUPS.system, 'Administration / Settings'],
  [GROUPS.salesman, 'Sales / User: Own Documents Only'],
  [GROUPS.salesManager, 'Sales / Administrator'],
  [GROUPS.accounting, 'Invoicing / Billing'],
] as const;

/** A person who can sign in. */
export interface Login {
  readonly uid: number;
  readonly partnerId: number;
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly active: boolean;
  readonly groups: ReadonlySet<string>;
}

/** What a team may do. Support works without the sales app, sellers see their own documents only. */
const TEAM_GROUPS: Readonly<Record<WorldUser['team'], readonly string[]>> = {
  'sales-ops': [GROUPS.user, GROUPS.system, GROUPS.salesman, GROUPS.salesManager, GROUPS.accounting],
  sales: [GROUPS.user, GROUPS.salesman],
  success: [GROUPS.user, GROUPS.salesman, GROUPS.salesManager],
  support: [GROUPS.user],
};

/** The staff in the order of the world, and at the end one customer with access to the portal. */
export function loginsOf(world: World): readonly Login[] {
  const { domain } = world.company;
  const staff = Array.from({ length: world.counts.users }, (_empty, index): Login => {
    const { name, team, active: works } = world.user(index);
    return {
      uid: uidOf(index),
      partnerId: staffPartner(index),
      login: index === 0 ? `admin@${domain}` : `user${index}@${domain}`,
      password: index === 0 ? 'admin-sandbox' : `sandbox-${index}`,
      name,
      active: works,
      groups: new Set(TEAM_GROUPS[team]),
    };
  });
  const guest = world.contact(0);
  const portal: Login = {
    uid: portalUid(world),
    partnerId: contactPartner(world, 0),
    login: `portal@${guest.email.split('@')[1] ?? ''}`,
    password: 'portal-sandbox',
    name: `${guest.firstName} ${guest.lastName}`,
    active: true,
    groups: new Set([GROUPS.portal]),
  };
  return [...staff, portal];
}

export function peopleModels(world: World, logins: readonly Login[]): readonly ModelDef[] {
  const bornMs = world.user(0).createdAt.getTime();
  return [
    usersModel(world, logins),
    model({
      model: 'res.groups',
      name: 'Access Groups',
      order: 'name',
      access: ACCESS.internalLookup,
      fields: [field('name', 'char', 'Name', { required: true, translate: true })],
      segments: listed(
        1,
        bornMs,
        GROUP_ROWS.map(([, name]) => ({ name })),
      ),
    }),
    model({
      model: 'res.company',
      name: 'Companies',
      order: 'name',
      access: ACCESS.lookup,
      fields: [
        field('name', 'char', 'Company Name', { required: true }),
        many2one('partner_id', 'Partner', 'res.partner', { required: true }),
        many2one('currency_id', 'Currency', 'res.currency', { required: true }),
      ],
      segments: listed(COMPANY_ID, bornMs, [
        { name: world.company.name, partner_id: COMPANY_PARTNER, currency_id: CURRENCY.EUR },
      ]),
    }),
  ];
}

function usersModel(world: World, logins: readonly Login[]): ModelDef {
  const bornMs = world.user(0).createdAt.getTime();
  const groupIds = (login: Login): readonly number[] =>
    GROUP_ROWS.flatMap(([id], at) => (login.groups.has(id) ? [at + 1] : []));
  const values = {
    login: (login: Login) => login.login,
    partner_id: (login: Login) => login.partnerId,
    active: (login: Login) => login.active,
    company_id: () => COMPANY_ID,
    company_ids: () => [COMPANY_ID],
    groups_id: groupIds,
    group_ids: groupIds,
    share: (login: Login) => login.groups.has(GROUPS.portal),
    notification_type: () => 'email',
    signature: (login: Login) => `<p>-- <br>${login.name}</p>`,
  };
  const staffTime = (index: number): number =>
    index < world.counts.users ? world.modifiedMs('users', index) : world.modifiedMs('users', world.counts.users - 1);
  return model({
    model: 'res.users',
    name: 'User',
    order: 'name, login',
    access: { ...ACCESS.internalLookup, read: [GROUPS.user, GROUPS.portal] },
    rule: (user) => (user.groups.has(GROUPS.user) ? null : [['id', '=', user.uid]]),
    fields: [
      related(field('name', 'char', 'Name'), 'partner_id.name'),
      field('login', 'char', 'Login', { required: true, help: 'Used to log into the system' }),
      related(field('email', 'char', 'Email'), 'partner_id.email'),
      many2one('partner_id', 'Related Partner', 'res.partner', { required: true }),
      active,
      many2one('company_id', 'Company', 'res.company', { required: true }),
      many2many('company_ids', 'Companies', 'res.company'),
      many2many('groups_id', 'Groups', 'res.groups', { until: 17 }),
      many2many('group_ids', 'Groups', 'res.groups', { from: 19 }),
      field('share', 'boolean', 'Share User', { readonly: true }),
      field('signature', 'html', 'Email Signature'),
      field('notification_type', 'selection', 'Notification', {
        required: true,
        selection: [
          ['email', 'Handle by Emails'],
          ['inbox', 'Handle in Odoo'],
        ],
        default: 'email',
      }),
    ],
    segments: [
      ...listed(ROOT_UID, bornMs, [
        {
          login: '__system__',
          partner_id: 2,
          active: false,
          company_id: COMPANY_ID,
          company_ids: [COMPANY_ID],
          share: false,
          notification_type: 'email',
        },
      ]),
      segment({
        firstId: uidOf(0),
        count: logins.length,
        item: (index) => logins[index] as Login,
        writeMs: staffTime,
        createMs: (_login, index) => (index < world.counts.users ? world.user(index).createdAt.getTime() : bornMs),
        values,
      }),
    ],
  });
}
