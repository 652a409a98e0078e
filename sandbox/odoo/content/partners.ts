import { hash32 } from '../../kit/index.ts';
import type { World, WorldAccount, WorldContact } from '../../world/index.ts';
import { listed, segment, type Segment } from '../rows/segment.ts';
import type { Raw } from '../schema/field.ts';
import {
  accountPartner,
  behindPartner,
  COMPANY_PARTNER,
  contactPartner,
  COUNTRY,
  CURRENCY,
  staffPartner,
  uidOf,
} from './ids.ts';

const SEGMENTS: Readonly<Record<WorldAccount['segment'], string>> = {
  Enterprise: 'enterprise',
  Mittelstand: 'mid',
  Kleinunternehmen: 'small',
};
/** People type the customer's state as they like. */
const STATES: Readonly<Record<WorldAccount['status'], readonly string[]>> = {
  Aktiv: ['attivo', 'Attivo', 'active'],
  Gefährdet: ['a rischio', 'A RISCHIO', 'at risk '],
  Gekündigt: ['disdetto', 'churned'],
  Interessent: ['prospect', 'Prospect'],
};
/** A PNG of one point. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const LANGUAGES = {
  DE: 'de_DE',
  AT: 'de_DE',
  CH: 'de_CH',
  FR: 'fr_FR',
  IT: 'it_IT',
  NL: 'nl_NL',
  US: 'en_US',
  GB: 'en_GB',
};

/** The currency in which somebody pays by the country. */
export function currencyOf(country: WorldAccount['country']): number {
  if (country === 'CH') return CURRENCY.CHF;
  return country === 'US' || country === 'GB' ? CURRENCY.USD : CURRENCY.EUR;
}

export function partnerSegments(world: World): readonly Segment[] {
  return [
    ...listed(COMPANY_PARTNER, world.user(0).createdAt.getTime(), [
      {
        name: world.company.name,
        is_company: true,
        active: true,
        country_id: world.company.id === 'acme' ? COUNTRY.DE : COUNTRY.IT,
        website: `https://www.${world.company.domain}`,
        type: 'contact',
      },
      { name: 'OdooBot', is_company: false, active: false, email: 'odoobot@example.com', type: 'contact' },
    ]),
    segment({
      firstId: staffPartner(0),
      count: world.counts.users,
      item: (index) => world.user(index),
      writeMs: (index) => world.modifiedMs('users', index),
      createMs: (user) => user.createdAt.getTime(),
      values: {
        name: (user) => user.name,
        email: (user) => user.email,
        active: (user) => user.active,
        is_company: () => false,
        parent_id: () => COMPANY_PARTNER,
        type: () => 'contact',
      },
      children: () => [],
    }),
    accounts(world),
    contacts(world),
  ];
}

function accounts(world: World): Segment {
  const { seed } = world;
  const draw = (index: number, salt: number): number => hash32(seed, index, salt);
  const values: Readonly<Record<string, (account: WorldAccount, index: number) => Raw>> = {
    name: (account) => account.name,
    // Half of those who left were archived.
    active: (account, index) => account.status !== 'Gekündigt' || index % 2 === 1,
    parent_id: (account) => (account.parent === null ? null : accountPartner(account.parent)),
    email: (account) => `info@${account.domain}`,
    phone: (account) => account.phone,
    website: (account) => `https://www.${account.domain}`,
    vat: (account, index) => `${account.country}${String(draw(index, 1) % 1_000_000_000).padStart(9, '0')}`,
    street: (account) => account.street,
    zip: (account) => account.postalCode,
    city: (account) => account.city,
    country_id: (account) => COUNTRY[account.country],
    lang: (account) => LANGUAGES[account.country],
    user_id: (account) => uidOf(account.owner),
    category_id: (account, index) => categories(account, draw(index, 2)),
    customer_rank: (account) => (account.status === 'Interessent' ? 0 : 1),
    credit_limit: (account) => Math.round(account.employees * 100),
    comment: (_account, index) => (draw(index, 3) % 5 === 0 ? '<p>Solo ordini con <b>PO</b> &amp; firma.</p>' : null),
    image_128: (_account, index) => (index % 50 === 0 ? PIXEL : null),
    x_segment: (account) => SEGMENTS[account.segment],
    x_stato_cliente: (account, index) => STATES[account.status][draw(index, 4) % STATES[account.status].length] ?? null,
    x_fatturato_annuo: (account) => account.annualRevenueEur,
    x_currency_id: () => CURRENCY.EUR,
    x_dipendenti: (account) => account.employees,
  };
  return segment({
    firstId: accountPartner(0),
    count: world.counts.accounts,
    item: (index) => world.account(index),
    writeMs: (index) => world.modifiedMs('accounts', index),
    createMs: (account) => account.createdAt.getTime(),
    values,
    cheap: { is_company: () => true, type: () => 'contact' },
  });
}

function categories(account: WorldAccount, bits: number): readonly number[] {
  const tags: number[] = [];
  if (account.segment === 'Enterprise') tags.push(1);
  if (bits % 3 === 0) tags.push(2);
  if (bits % 7 === 0) tags.push(3);
  return tags;
}

function contacts(world: World): Segment {
  const values: Readonly<Record<string, (contact: WorldContact, index: number) => Raw>> = {
    name: (contact) => `${contact.firstName} ${contact.lastName}`,
    email: (contact) => contact.email,
    phone: (contact) => contact.phone,
    function: (contact) => (contact.title === '' ? null : contact.title),
    country_id: (contact) => COUNTRY[world.account(contact.account).country],
    lang: (contact) => LANGUAGES[world.account(contact.account).country],
    customer_rank: () => 0,
  };
  return segment({
    firstId: contactPartner(world, 0),
    count: world.counts.contacts,
    item: (index) => world.contact(index),
    writeMs: (index) => world.modifiedMs('contacts', index),
    createMs: (contact) => contact.createdAt.getTime(),
    values,
    cheap: {
      active: (index) => index === 0 || hash32(world.seed, index, 9) % 33 !== 0,
      is_company: () => false,
      parent_id: (index) => accountPartner(world.accountOf('contacts', index)),
      type: () => 'contact',
    },
    children: (field, parent) => {
      if (field !== 'parent_id') return null;
      const behind = behindPartner(world, parent);
      if (behind?.kind !== 'account') return [];
      return world.childrenOf('contacts', behind.index).map((index) => contactPartner(world, index));
    },
  });
}
