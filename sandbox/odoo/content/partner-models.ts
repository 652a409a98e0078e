import { hash32 } from '../../kit/index.ts';
import type { World } from '../../world/index.ts';
import { listed, segment } from '../rows/segment.ts';
import { active, field, many2many, many2one, monetary, one2many, selection, studio } from '../schema/build.ts';
import type { FieldDef, Raw, ReadField, ReadOther } from '../schema/field.ts';
import { ACCESS, GROUPS, model, type ModelDef } from '../schema/model.ts';
import { accountPartner, behindPartner, CURRENCY } from './ids.ts';
import { partnerSegments } from './partners.ts';

const PARTNER_FIELDS: readonly FieldDef[] = [
  field('name', 'char', 'Name'),
  field('complete_name', 'char', 'Complete Name', { readonly: true, from: 17, compute: fullName }),
  active,
  field('is_company', 'boolean', 'Is a Company', { default: false }),
  selection(
    'company_type',
    'Company Type',
    { person: 'Individual', company: 'Company' },
    { store: false, compute: (read) => (read('is_company') === true ? 'company' : 'person') },
  ),
  many2one('parent_id', 'Related Company', 'res.partner'),
  one2many('child_ids', 'Contact', 'res.partner', 'parent_id'),
  many2one('commercial_partner_id', 'Commercial Entity', 'res.partner', {
    readonly: true,
    compute: (read, other) => {
      const parent = read('parent_id');
      if (read('is_company') === true || typeof parent !== 'number') return read('id');
      return other('res.partner', parent, 'commercial_partner_id');
    },
  }),
  selection(
    'type',
    'Address Type',
    {
      contact: 'Contact',
      invoice: 'Invoice Address',
      delivery: 'Delivery Address',
      other: 'Other Address',
    },
    { default: 'contact' },
  ),
  field('email', 'char', 'Email'),
  field('phone', 'char', 'Phone'),
  field('mobile', 'char', 'Mobile', { until: 17 }),
  field('website', 'char', 'Website Link'),
  field('function', 'char', 'Job Position'),
  field('vat', 'char', 'Tax ID', { help: 'The Tax Identification Number of the company.' }),
  field('ref', 'char', 'Reference'),
  field('street', 'char', 'Street'),
  field('street2', 'char', 'Street2'),
  field('zip', 'char', 'Zip'),
  field('city', 'char', 'City'),
  many2one('country_id', 'Country', 'res.country'),
  selection('lang', 'Language', {
    de_DE: 'German / Deutsch',
    de_CH: 'German (CH) / Deutsch (CH)',
    en_US: 'English (US)',
    en_GB: 'English (UK)',
    fr_FR: 'French / Français',
    it_IT: 'Italian / Italiano',
    nl_NL: 'Dutch / Nederlands',
  }),
  many2one('user_id', 'Salesperson', 'res.users'),
  many2many('category_id', 'Tags', 'res.partner.category'),
  many2one('company_id', 'Company', 'res.company'),
  field('comment', 'html', 'Notes'),
  field('customer_rank', 'integer', 'Customer Rank', { default: 0 }),
  field('credit_limit', 'float', 'Credit Limit', {
    companyDependent: true,
    groups: [GROUPS.accounting],
    help: 'Credit limit specific to this partner.',
  }),
  field('image_128', 'binary', 'Image 128'),
  one2many('opportunity_ids', 'Opportunities', 'crm.lead', 'partner_id'),
  studio(selection('x_segment', 'Segmento', { enterprise: 'Enterprise', mid: 'Mid market', small: 'Small business' })),
  studio(field('x_stato_cliente', 'char', 'Stato cliente')),
  studio(monetary('x_fatturato_annuo', 'Fatturato annuo', 'x_currency_id')),
  studio(many2one('x_currency_id', 'Valuta', 'res.currency')),
  studio(field('x_dipendenti', 'integer', 'Dipendenti')),
];

/** Customers, their people, tags and bank accounts. */
export function partnerModels(world: World): readonly ModelDef[] {
  const bornMs = world.user(0).createdAt.getTime();
  return [
    model({
      model: 'res.partner',
      name: 'Contact',
      order: 'name, id desc',
      access: ACCESS.contacts,
      rules: [
        // As delivered: companies share their partners until somebody switches this on.
        {
          name: 'res.partner company',
          domain: "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]",
          active: false,
        },
        // Portal users see the company that they belong to and its people.
        {
          name: 'res_partner: portal: read access on my commercial partner',
          groups: [GROUPS.portal],
          domain: "[('commercial_partner_id', '=', user.partner_id.commercial_partner_id.id)]",
        },
      ],
      fields: PARTNER_FIELDS,
      segments: partnerSegments(world),
    }),
    model({
      model: 'res.partner.category',
      name: 'Partner Tags',
      order: 'name, id',
      fields: [
        field('name', 'char', 'Name', { required: true, translate: true }),
        field('color', 'integer', 'Color'),
        active,
      ],
      segments: listed(1, bornMs, [
        { name: 'Key account', color: 1, active: true },
        { name: 'Fiera 2024', color: 4, active: true },
        { name: 'Pagamento anticipato', color: 7, active: true },
      ]),
    }),
    model({
      model: 'res.partner.bank',
      name: 'Bank Accounts',
      recName: 'acc_number',
      order: 'id',
      access: ACCESS.accounting,
      fields: [
        field('acc_number', 'char', 'Account Number', { required: true }),
        many2one('partner_id', 'Account Holder', 'res.partner', { required: true, ondelete: 'cascade' }),
        many2one('currency_id', 'Currency', 'res.currency'),
        active,
      ],
      segments: [
        segment({
          firstId: 1,
          count: world.counts.accounts,
          item: (index) => index,
          writeMs: (index) => world.modifiedMs('accounts', index),
          createMs: (index) => world.modifiedMs('accounts', index),
          values: {
            acc_number: (index) => `XX00 0000 ${String(hash32(world.seed, index, 5)).padStart(10, '0')}`,
            partner_id: (index) => accountPartner(index),
            currency_id: () => CURRENCY.EUR,
            active: () => true,
          },
          children: (name, parent) => {
            if (name !== 'partner_id') return null;
            const behind = behindPartner(world, parent);
            return behind?.kind === 'account' ? [behind.index + 1] : [];
          },
        }),
      ],
    }),
  ];
}

/** People of a company are named after it, too. */
export function fullName(read: ReadField, other: ReadOther): Raw {
  const parent = read('parent_id');
  const name = read('name');
  if (read('is_company') === true || typeof parent !== 'number') return name;
  return `${String(other('res.partner', parent, 'name') ?? '')}, ${String(name ?? '')}`;
}
