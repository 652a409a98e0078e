import { salesforceId, type WorldAccount, type WorldContact, type WorldTicket } from '../../world/index.ts';
import { CATEGORIES, ORGANIZATION_FIELDS, SITES, TICKET_FIELD_IDS, TICKET_FIELDS, USER_FIELDS } from './acme-fields.ts';
import { GERMAN_SYSTEM_FIELDS } from '../fields/system-fields.ts';
import { followUpDay } from './follow-up.ts';
import type { CustomValue, OrganizationPart, Profile, RecordOf } from './profile.ts';

/** A help desk in German that keeps the CRM's ids as external ids. */
export const ACME: Profile = {
  name: 'Nordlicht Software',
  subdomain: 'nordlicht',
  zone: { name: 'Berlin', iana: 'Europe/Berlin' },
  locale: { id: 8, code: 'de' },
  groups: ['Kundenservice', 'Technik'],
  systemFields: GERMAN_SYSTEM_FIELDS,
  ticketFields: TICKET_FIELDS,
  organizationFields: ORGANIZATION_FIELDS,
  userFields: USER_FIELDS,
  ticket: (ticket, bits) => ({
    // Options of drop-down and multi-select fields are tags as well.
    tags: [...ticket.tags, ticket.productArea, ...sites(bits)].toSorted(),
    custom_fields: customValues(ticket, bits),
  }),
  organization,
  endUser: ({ index }: RecordOf<WorldContact>, bits) => ({
    user_fields: {
      // The link to the CRM was introduced late and never completed.
      crm_kontakt_id: bits % 5 < 3 ? salesforceId('003', index) : null,
      sprache: bits % 3 === 0 ? 'sprache_en' : 'sprache_de',
      zufriedenheit: (bits >>> 8) % 4 === 0 ? Number((1 + ((bits >>> 10) % 41) / 10).toFixed(1)) : null,
    },
  }),
  staffFields: { crm_kontakt_id: null, sprache: 'sprache_de', zufriedenheit: null },
};

function organization({ index, value: account }: RecordOf<WorldAccount>, bits: number): OrganizationPart {
  const premium = account.segment === 'Enterprise' && bits % 3 !== 0;
  return {
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

/** Numbers of ticket fields travel as text, check boxes as booleans, dates without a time. */
function customValues(ticket: WorldTicket, bits: number): readonly CustomValue[] {
  const affected = (bits >>> 7) % 5 === 0 ? String(1 + ((bits >>> 9) % 400)) : null;
  const category = (bits >>> 3) % 4 === 0 ? CATEGORIES[(bits >>> 11) % CATEGORIES.length] : null;
  return [
    { id: TICKET_FIELD_IDS.productArea, value: ticket.productArea },
    { id: TICKET_FIELD_IDS.contractNumber, value: ticket.contractNumber },
    { id: TICKET_FIELD_IDS.revenueAtRisk, value: ticket.revenueAtRiskEur?.toFixed(2) ?? null },
    { id: TICKET_FIELD_IDS.escalated, value: ticket.escalated },
    { id: TICKET_FIELD_IDS.category, value: category },
    { id: TICKET_FIELD_IDS.followUp, value: followUpDay(ticket, bits) },
    { id: TICKET_FIELD_IDS.sites, value: sites(bits) },
    { id: TICKET_FIELD_IDS.affected, value: affected },
  ];
}

function sites(bits: number): readonly string[] {
  return SITES.filter((_site, at) => (bits >>> (13 + 3 * at)) % 8 === 0).map((site) => site.value);
}
