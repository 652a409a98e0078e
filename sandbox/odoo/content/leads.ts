import { hash32 } from '../../kit/index.ts';
import type { World, WorldContact, WorldOpportunity } from '../../world/index.ts';
import { listed, segment, type Segment } from '../rows/segment.ts';
import { active, field, many2many, many2one, monetary, related, selection, studio } from '../schema/build.ts';
import type { FieldDef, Raw, ReadField } from '../schema/field.ts';
import { ACCESS, GROUPS, model, type ModelDef, type RuleDef } from '../schema/model.ts';
import type { Deals } from './deals.ts';
import { accountPartner, behindPartner, COMPANY_ID, contactPartner, COUNTRY, CURRENCY, uidOf } from './ids.ts';

const STAGES = { Qualifizierung: 1, Bedarfsanalyse: 2, Angebot: 3, Verhandlung: 4, Gewonnen: 5, Verloren: 3 } as const;
const STAGE_ROWS = [
  { name: 'New', sequence: 1, is_won: false },
  { name: 'Qualified', sequence: 2, is_won: false },
  { name: 'Proposition', sequence: 3, is_won: false },
  { name: 'Trattativa', sequence: 4, is_won: false },
  { name: 'Won', sequence: 70, is_won: true },
] as const;
/** Every fifth opportunity began as a lead that nobody has qualified yet. */
const OPPORTUNITIES_PER_LEAD = 5;

/** Sellers see their own and nobody's, others see all, and nobody another company's (addons/crm/security/crm_security.xml). */
const LEAD_RULES: readonly RuleDef[] = [
  { name: 'CRM Lead Multi-Company', domain: "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]" },
  {
    name: 'Personal Leads',
    groups: [GROUPS.salesman],
    domain: "['|', ('user_id', '=', user.id), ('user_id', '=', False)]",
  },
  { name: 'All Leads', groups: [GROUPS.allLeads], domain: "[(1, '=', 1)]" },
];

const LEAD_FIELDS: readonly FieldDef[] = [
  field('name', 'char', 'Opportunity', { required: true }),
  selection('type', 'Type', { lead: 'Lead', opportunity: 'Opportunity' }, { required: true, default: 'opportunity' }),
  active,
  many2one('partner_id', 'Customer', 'res.partner'),
  field('partner_name', 'char', 'Company Name'),
  field('contact_name', 'char', 'Contact Name'),
  field('email_from', 'char', 'Email'),
  field('phone', 'char', 'Phone'),
  many2one('user_id', 'Salesperson', 'res.users'),
  many2one('team_id', 'Sales Team', 'crm.team'),
  many2one('stage_id', 'Stage', 'crm.stage', { ondelete: 'restrict' }),
  many2one('company_id', 'Company', 'res.company'),
  many2one('company_currency', 'Currency', 'res.currency', {
    store: false,
    readonly: true,
    compute: () => CURRENCY.EUR,
  }),
  monetary('expected_revenue', 'Expected Revenue', 'company_currency'),
  field('probability', 'float', 'Probability'),
  monetary('prorated_revenue', 'Prorated Revenue', 'company_currency', { readonly: true, compute: prorated }),
  selection('priority', 'Priority', { 0: 'Low', 1: 'Medium', 2: 'High', 3: 'Very High' }, { default: '0' }),
  selection(
    'won_status',
    'Is Won',
    { won: 'Won', lost: 'Lost', pending: 'Pending' },
    { readonly: true, from: 19, compute: wonStatus },
  ),
  field('date_deadline', 'date', 'Expected Closing'),
  field('date_closed', 'datetime', 'Closed Date', { readonly: true }),
  many2one('lost_reason_id', 'Lost Reason', 'crm.lost.reason', { from: 17 }),
  many2one('lost_reason', 'Lost Reason', 'crm.lost.reason', { until: 14 }),
  many2many('tag_ids', 'Tags', 'crm.tag'),
  field('description', 'html', 'Notes', { from: 17 }),
  field('description', 'text', 'Notes', { until: 14 }),
  many2one('country_id', 'Country', 'res.country'),
  field('city', 'char', 'City'),
  related(field('is_won', 'boolean', 'Is Won Stage'), 'stage_id.is_won'),
  studio(field('x_prossimo_passo', 'char', 'Prossimo passo')),
];

function wonStatus(read: ReadField): Raw {
  if (read('active') === false && read('probability') === 0) return 'lost';
  return read('probability') === 100 ? 'won' : 'pending';
}

function prorated(read: ReadField): Raw {
  return Math.round(Number(read('expected_revenue') ?? 0) * Number(read('probability') ?? 0)) / 100;
}

/** Leads and opportunities with what they point at. */
export function leadModels(world: World, deals: Deals): readonly ModelDef[] {
  const bornMs = world.user(0).createdAt.getTime();
  const lookup = { access: { ...ACCESS.internal, write: [GROUPS.salesManager], create: [GROUPS.salesManager] } };
  return [
    model({
      model: 'crm.lead',
      name: 'Lead/Opportunity',
      module: 'crm',
      order: 'priority desc, id desc',
      access: ACCESS.sales,
      rules: LEAD_RULES,
      fields: LEAD_FIELDS,
      segments: [opportunities(world, deals), leads(world, deals)],
    }),
    model({
      model: 'crm.stage',
      name: 'CRM Stages',
      module: 'crm',
      order: 'sequence, name, id',
      ...lookup,
      fields: [
        field('name', 'char', 'Stage Name', { required: true, translate: true }),
        field('sequence', 'integer', 'Sequence', { default: 1 }),
        field('is_won', 'boolean', 'Is Won Stage?', { default: false }),
      ],
      segments: listed(1, bornMs, STAGE_ROWS),
    }),
    model({
      model: 'crm.team',
      name: 'Sales Team',
      module: 'sales_team',
      ...lookup,
      fields: [field('name', 'char', 'Sales Team', { required: true, translate: true }), active],
      segments: listed(1, bornMs, [
        { name: 'Vendite', active: true },
        { name: 'Website', active: true },
      ]),
    }),
    model({
      model: 'crm.lost.reason',
      name: 'Opp. Lost Reason',
      module: 'crm',
      ...lookup,
      fields: [field('name', 'char', 'Description', { required: true, translate: true }), active],
      segments: listed(
        1,
        bornMs,
        ['Too expensive', "We don't have people/skills", 'Not enough stock'].map((name) => ({ name, active: true })),
      ),
    }),
    model({
      model: 'crm.tag',
      name: 'CRM Tag',
      module: 'sales_team',
      ...lookup,
      fields: [
        field('name', 'char', 'Tag Name', { required: true, translate: true }),
        field('color', 'integer', 'Color'),
      ],
      segments: listed(1, bornMs, [
        { name: 'Impianto', color: 2 },
        { name: 'Servizio', color: 5 },
      ]),
    }),
  ];
}

function opportunities(world: World, { opportunities: subset }: Deals): Segment {
  const draw = (index: number, salt: number): number => hash32(world.seed, index, salt);
  const closed = (deal: WorldOpportunity): boolean => deal.stage === 'Gewonnen' || deal.stage === 'Verloren';
  const reason = (deal: WorldOpportunity, index: number): Raw =>
    deal.stage === 'Verloren' ? 1 + (draw(index, 21) % 3) : null;
  const values: Readonly<Record<string, (deal: WorldOpportunity, index: number) => Raw>> = {
    name: (deal) => deal.name,
    type: () => 'opportunity',
    active: (deal) => deal.stage !== 'Verloren',
    partner_id: (deal) => accountPartner(deal.account),
    partner_name: (deal) => world.account(deal.account).name,
    email_from: (deal) => `info@${world.account(deal.account).domain}`,
    phone: (deal) => world.account(deal.account).phone,
    user_id: (deal, index) => (draw(index, 22) % 19 === 0 ? null : uidOf(deal.owner)),
    team_id: (_deal, index) => (draw(index, 23) % 10 === 0 ? 2 : 1),
    stage_id: (deal) => STAGES[deal.stage],
    expected_revenue: (deal) => deal.amountEur,
    probability: (deal) => deal.probability,
    priority: (_deal, index) => String(draw(index, 24) % 4),
    date_deadline: (deal) => deal.closeDate.toISOString().slice(0, 10),
    date_closed: (deal) => (closed(deal) ? deal.closeDate.getTime() * 1000 : null),
    lost_reason_id: reason,
    lost_reason: reason,
    tag_ids: (_deal, index) => [[], [1], [2], [1, 2]][draw(index, 25) % 4] ?? [],
    description: (deal) => (deal.description === null ? null : `<p>${deal.description.replaceAll('\n', '<br>')}</p>`),
    country_id: (deal) => COUNTRY[world.account(deal.account).country],
    city: (deal) => world.account(deal.account).city,
    x_prossimo_passo: (deal) => deal.nextStep,
  };
  return segment({
    firstId: 1,
    count: () => subset.count,
    item: (index) => world.opportunity(subset.at(index)),
    writeMs: (index) => world.modifiedMs('opportunities', subset.at(index)),
    createMs: (deal) => deal.createdAt.getTime(),
    values,
    cheap: { company_id: () => COMPANY_ID },
    children: (name, parent) => {
      if (name !== 'partner_id') return null;
      const behind = behindPartner(world, parent);
      if (behind?.kind !== 'account') return [];
      return world
        .childrenOf('opportunities', behind.index)
        .map((index) => subset.placeOf(index))
        .filter((place) => place !== null)
        .map((place) => place + 1);
    },
  });
}

/** Inquiries of people whom nobody has made a customer yet. */
function leads(world: World, { opportunities: subset }: Deals): Segment {
  const contactOf = (index: number): number => hash32(world.seed, index, 31) % world.counts.contacts;
  const values: Readonly<Record<string, (contact: WorldContact, index: number) => Raw>> = {
    name: (contact) => `Richiesta di ${contact.firstName} ${contact.lastName}`,
    type: () => 'lead',
    active: () => true,
    partner_id: (_contact, index) => (index % 4 === 0 ? contactPartner(world, contactOf(index)) : null),
    partner_name: (contact) => world.account(contact.account).name,
    contact_name: (contact) => `${contact.firstName} ${contact.lastName}`,
    email_from: (contact) => contact.email,
    phone: (contact) => contact.phone,
    stage_id: () => 1,
    expected_revenue: () => 0,
    probability: () => 10,
    priority: () => '0',
    country_id: (contact) => COUNTRY[world.account(contact.account).country],
  };
  return segment({
    // After all opportunities that a world of this size can have.
    firstId: world.counts.opportunities + 1,
    count: () => Math.floor(subset.count / OPPORTUNITIES_PER_LEAD),
    item: (index) => world.contact(contactOf(index)),
    writeMs: (index) => world.modifiedMs('opportunities', subset.at(index * OPPORTUNITIES_PER_LEAD)),
    createMs: (_contact, index) => world.modifiedMs('opportunities', subset.at(index * OPPORTUNITIES_PER_LEAD)),
    values,
    cheap: { company_id: () => COMPANY_ID },
  });
}
