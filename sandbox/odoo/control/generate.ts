import { hash32, hashText, readPeople } from '../../kit/index.ts';
import { accountPartner, contactPartner } from '../content/ids.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import { GROUPS } from '../schema/model.ts';
import { groupId } from '../security/groups.ts';
import { add, addCompany, addUser, FIRST_COMPANY, put } from './people.ts';
import { putRule, restrictField } from './rights.ts';

/** Records of one model that get another owner or company. */
const TOUCHED_MAX = 2_000;
const SALT = hashText('odoo people');

type Draw = (...parts: readonly number[]) => number;

/** Of a hundred users; the rest are internal users without the sales app. */
const MIX: readonly (readonly [share: number, groups: readonly string[]])[] = [
  [45, [GROUPS.salesman]],
  [15, [GROUPS.allLeads]],
  [6, [GROUPS.salesManager]],
  [6, [GROUPS.accounting]],
  [4, [GROUPS.salesman, GROUPS.accounting]],
];
const PORTAL_SHARE = 3;

/**
 * Fills the database up to that many people: sellers of own and of all
 * documents, managers, accountants, support and portal users, in three
 * companies; leads, orders and customers get owners and companies among them,
 * renewals a rule, and two fields a group. The same seed gives the same.
 */
export function generate(org: Org, given: Readonly<Record<string, unknown>>): void {
  const { users: wanted, seed } = readPeople(given);
  const draw: Draw = (...parts) => hash32(SALT, seed, ...parts);
  const companies = [
    FIRST_COMPANY,
    ...['Nord', 'Export'].map((name) => addCompany(org, `${org.world.company.name} ${name}`)),
  ];
  const admins = org.logins().filter(({ groups }) => groups.has(GROUPS.system));
  for (const { uid } of admins) put(org, 'res.users', uid, { company_ids: companies });
  const retention = add(org, 'res.groups', { name: 'Retention', implied_ids: [groupId(GROUPS.user)] });
  const missing = Math.max(0, wanted - org.logins().length);
  const made = Array.from({ length: missing }, (_empty, at) => addPerson(org, draw, at, { companies, retention }));
  const sellers = made.filter(({ sells }) => sells);
  if (sellers.length > 0) assign(org, draw, sellers, companies);
  rules(org, retention);
}

interface Person {
  readonly uid: number;
  readonly company: number;
  readonly sells: boolean;
}

function addPerson(
  org: Org,
  draw: Draw,
  at: number,
  { companies, retention }: { readonly companies: readonly number[]; readonly retention: number },
): Person {
  const { world } = org;
  const portal = draw(at, 1) % 100 < PORTAL_SHARE;
  const contact = 1 + (draw(at, 2) % (world.counts.contacts - 1));
  const { firstName, lastName } = world.contact(draw(at, 3) % world.counts.contacts);
  const groups = portal ? [GROUPS.portal] : groupsOf(draw(at, 4) % 100);
  const company = companies[draw(at, 5) % companies.length] ?? FIRST_COMPANY;
  const more = companies.filter((other) => other !== company && draw(at, 6, other) % 5 === 0);
  const uid = addUser(org, {
    name: portal ? `Portal ${String(at + 1)}` : `${firstName} ${lastName}`,
    login: `${portal ? 'portal' : 'person'}${String(at + 1)}@${world.company.domain}`,
    groups: [...groups.map(groupId), ...(!portal && draw(at, 7) % 8 === 0 ? [retention] : [])],
    company,
    companies: [company, ...more],
    active: draw(at, 8) % 40 !== 0,
    ...(portal ? { partner: contactPartner(world, contact) } : {}),
  });
  return { uid, company, sells: groups.some((group) => group !== GROUPS.portal && group !== GROUPS.user) };
}

function groupsOf(place: number): readonly string[] {
  let below = 0;
  for (const [share, groups] of MIX) {
    below += share;
    if (place < below) return groups;
  }
  return [GROUPS.user];
}

/** Mass updates, as an administrator makes them when a company is split. */
function assign(org: Org, draw: Draw, sellers: readonly Person[], companies: readonly number[]): void {
  const sellerOf = (place: number): Person => sellers[place % sellers.length] as Person;
  for (const [model, salt] of [
    ['crm.lead', 21],
    ['sale.order', 22],
  ] as const) {
    for (const [place, id] of some(org, model, draw, salt).entries()) {
      const { uid, company } = sellerOf(place);
      const nobodys = draw(id, salt, 2) % 12 === 0;
      put(org, model, id, { user_id: nobodys ? null : uid, company_id: company });
    }
  }
  for (const [place, id] of some(org, 'x_renewal', draw, 23).entries()) {
    put(org, 'x_renewal', id, { x_owner_id: sellerOf(place).uid });
  }
  for (let at = 0; at < Math.min(org.world.counts.accounts, TOUCHED_MAX); at += 1) {
    if (draw(at, 24) % 3 !== 0) continue;
    put(org, 'res.partner', accountPartner(at), { company_id: companies[draw(at, 25) % companies.length] ?? null });
  }
}

/** Two of three records, as far as the bound reaches. */
function some(org: Org, model: string, draw: Draw, salt: number): readonly number[] {
  const all = [...org.table(model).ids({ order: 'id' })];
  return all.filter((id) => draw(id, salt) % 3 !== 0).slice(0, TOUCHED_MAX);
}

function rules(org: Org, retention: number): void {
  for (const id of org.table('ir.rule').ids({ order: 'id' })) {
    if (rawOf(org, 'ir.rule', id, 'name') === 'res.partner company') put(org, 'ir.rule', id, { active: true });
  }
  putRule(org, {
    name: 'Own renewals',
    model: 'x_renewal',
    domain: "[('x_owner_id', '=', user.id)]",
    groups: [GROUPS.user],
  });
  putRule(org, { name: 'All renewals', model: 'x_renewal', domain: "[(1, '=', 1)]", groups: [GROUPS.allLeads] });
  putRule(org, {
    name: 'Renewals at risk',
    model: 'x_renewal',
    domain: "[('x_amount', '>=', 50000), ('x_state', '!=', False)]",
    groups: [retention],
  });
  restrictField(org, { model: 'res.partner', name: 'x_fatturato_annuo', groups: [GROUPS.allLeads, GROUPS.accounting] });
  restrictField(org, { model: 'crm.lead', name: 'x_prossimo_passo', groups: [GROUPS.salesManager, retention] });
}
