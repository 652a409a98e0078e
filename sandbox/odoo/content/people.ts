import type { World, WorldUser } from '../../world/index.ts';
import { listed, segment } from '../rows/segment.ts';
import { active, field, many2many, many2one, related } from '../schema/build.ts';
import { ACCESS, GROUPS, model, type ModelDef } from '../schema/model.ts';
import { GROUP_ROWS, groupId } from '../security/groups.ts';
import { COMPANY_ID, COMPANY_PARTNER, contactPartner, CURRENCY, ROOT_UID, staffPartner, uidOf } from './ids.ts';

/** A user as the world knows it. */
interface Person {
  readonly partnerId: number;
  readonly login: string;
  readonly name: string;
  readonly active: boolean;
  readonly groups: readonly string[];
}

/** What a team may do. Support works without the sales app, sellers see their own documents only. */
const TEAM_GROUPS: Readonly<Record<WorldUser['team'], readonly string[]>> = {
  'sales-ops': [GROUPS.user, GROUPS.system, GROUPS.salesman, GROUPS.salesManager, GROUPS.accounting],
  sales: [GROUPS.user, GROUPS.salesman],
  success: [GROUPS.user, GROUPS.salesman, GROUPS.salesManager],
  support: [GROUPS.user],
};

/** The staff in the order of the world, and at the end one customer with access to the portal. */
function peopleOf(world: World): readonly Person[] {
  const { domain } = world.company;
  const staff = Array.from({ length: world.counts.users }, (_empty, index): Person => {
    const { name, team, active: works } = world.user(index);
    return {
      partnerId: staffPartner(index),
      login: index === 0 ? `admin@${domain}` : `user${index}@${domain}`,
      name,
      active: works,
      groups: TEAM_GROUPS[team],
    };
  });
  const guest = world.contact(0);
  const portal: Person = {
    partnerId: contactPartner(world, 0),
    login: `portal@${guest.email.split('@')[1] ?? ''}`,
    name: `${guest.firstName} ${guest.lastName}`,
    active: true,
    groups: [GROUPS.portal],
  };
  return [...staff, portal];
}

export function peopleModels(world: World): readonly ModelDef[] {
  const bornMs = world.user(0).createdAt.getTime();
  return [
    usersModel(world, peopleOf(world)),
    model({
      model: 'res.groups',
      name: 'Access Groups',
      order: 'name',
      access: ACCESS.internalLookup,
      fields: [
        field('name', 'char', 'Name', { required: true, translate: true }),
        many2many('implied_ids', 'Inherits', 'res.groups', {
          help: 'Users of this group automatically inherit those groups',
        }),
      ],
      segments: listed(
        1,
        bornMs,
        GROUP_ROWS.map(({ name, implies }) => ({ name, implied_ids: implies.map(groupId) })),
      ),
    }),
    model({
      model: 'res.company',
      name: 'Companies',
      order: 'name',
      access: ACCESS.lookup,
      rules: [
        { name: 'company rule employee', groups: [GROUPS.user], domain: "[('id', 'in', company_ids)]" },
        { name: 'company rule portal', groups: [GROUPS.portal], domain: "[('id', 'in', company_ids)]" },
      ],
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

function usersModel(world: World, people: readonly Person[]): ModelDef {
  const bornMs = world.user(0).createdAt.getTime();
  const groupIds = (person: Person): readonly number[] => person.groups.map(groupId).toSorted((a, b) => a - b);
  const values = {
    login: (person: Person) => person.login,
    partner_id: (person: Person) => person.partnerId,
    active: (person: Person) => person.active,
    company_id: () => COMPANY_ID,
    company_ids: () => [COMPANY_ID],
    groups_id: groupIds,
    group_ids: groupIds,
    share: (person: Person) => person.groups.includes(GROUPS.portal),
    notification_type: () => 'email',
    signature: (person: Person) => `<p>-- <br>${person.name}</p>`,
  };
  const staffTime = (index: number): number =>
    index < world.counts.users ? world.modifiedMs('users', index) : world.modifiedMs('users', world.counts.users - 1);
  return model({
    model: 'res.users',
    name: 'User',
    order: 'name, login',
    access: { ...ACCESS.internalLookup, read: [GROUPS.user, GROUPS.portal] },
    rules: [
      { name: 'user rule', domain: "['|', ('share', '=', False), ('company_ids', 'in', company_ids)]" },
      { name: 'res_users portal rule', groups: [GROUPS.portal], domain: "[('id', '=', user.id)]" },
    ],
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
        count: people.length,
        item: (index) => people[index] as Person,
        writeMs: staffTime,
        createMs: (_person, index) => (index < world.counts.users ? world.user(index).createdAt.getTime() : bornMs),
        values,
      }),
    ],
  });
}
