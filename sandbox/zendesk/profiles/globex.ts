import type { WorldAccount, WorldContact, WorldTicket } from '../../world/index.ts';
import { ITALIAN_SYSTEM_FIELDS } from '../fields/system-fields.ts';
import { followUpDay } from './follow-up.ts';
import {
  type LINES,
  ORGANIZATION_FIELDS,
  SEVERITIES,
  TICKET_FIELD_IDS,
  TICKET_FIELDS,
  USER_FIELDS,
} from './globex-fields.ts';
import type { CustomValue, OrganizationPart, Profile, RecordOf } from './profile.ts';

const AREAS: Readonly<Record<WorldTicket['productArea'], (typeof LINES)[number]['value']>> = {
  abrechnung: 'area_fatturazione',
  import: 'area_importazione',
  api: 'area_api',
  berichte: 'area_report',
  mobil: 'area_mobile',
};
const TAGS: Readonly<Record<string, string>> = {
  vip: 'vip',
  montagmorgen: 'lunedi_mattina',
  wartet_auf_kunde: 'attesa_cliente',
  release_7: 'versione_7',
  schulung: 'formazione',
  dsgvo: 'gdpr',
  doppelt: 'doppione',
  rückruf: 'richiamare',
};
const NOTES = ['Sostituita la scheda, da verificare.', 'Inviata guida PDF.', 'Cliente richiamato: «tutto a posto».'];

/**
 * A help desk in Italian and English that nobody connected to the ERP: there
 * are no external ids and no customer numbers, so only domains say which
 * account an organization is. Some organizations have a second domain.
 */
export const GLOBEX: Profile = {
  name: 'Globex Impianti',
  subdomain: 'globex',
  zone: { name: 'Rome', iana: 'Europe/Rome' },
  locale: { id: 22, code: 'it' },
  groups: ['Assistenza clienti', 'Ufficio tecnico'],
  systemFields: ITALIAN_SYSTEM_FIELDS,
  ticketFields: TICKET_FIELDS,
  organizationFields: ORGANIZATION_FIELDS,
  userFields: USER_FIELDS,
  ticket: (ticket, bits) => ({
    tags: [...ticket.tags.map((tag) => TAGS[tag] ?? tag), AREAS[ticket.productArea], ...severity(bits)].toSorted(),
    custom_fields: customValues(ticket, bits),
  }),
  organization,
  endUser: ({ value }: RecordOf<WorldContact>, bits) => ({
    user_fields: { lingua: value.email.length % 3 === 0 ? 'lingua_en' : 'lingua_it', corso: bits % 4 === 0 },
  }),
  staffFields: { lingua: 'lingua_it', corso: true },
};

function organization({ value: account }: RecordOf<WorldAccount>, bits: number): OrganizationPart {
  const level = account.segment === 'Enterprise' ? 'sla_oro' : bits % 3 === 0 ? 'sla_argento' : 'sla_base';
  return {
    domain_names: [account.domain, ...(bits % 11 === 0 ? [`gruppo-${account.domain}`] : [])],
    details: bits % 9 === 0 ? `${account.street}\n${account.postalCode} ${account.city}` : '',
    notes: bits % 23 === 0 ? 'Attenzione: solo contatti scritti, niente telefonate!' : '',
    external_id: null,
    tags: account.status === 'Gefährdet' ? ['a_rischio'] : [],
    organization_fields: {
      livello_servizio: level,
      referente: bits % 5 === 0 ? 'da assegnare' : null,
      macchine: 1 + (bits % 40),
    },
  };
}

function customValues(ticket: WorldTicket, bits: number): readonly CustomValue[] {
  const serial = (bits >>> 3) % 3 === 0 ? `GX-${String((bits >>> 6) % 100_000).padStart(5, '0')}` : null;
  return [
    { id: TICKET_FIELD_IDS.area, value: AREAS[ticket.productArea] },
    { id: TICKET_FIELD_IDS.serial, value: serial },
    { id: TICKET_FIELD_IDS.cost, value: ticket.revenueAtRiskEur?.toFixed(2) ?? null },
    { id: TICKET_FIELD_IDS.stopped, value: ticket.escalated },
    { id: TICKET_FIELD_IDS.severity, value: severity(bits)[0] ?? null },
    { id: TICKET_FIELD_IDS.visit, value: followUpDay(ticket, bits) },
    { id: TICKET_FIELD_IDS.note, value: (bits >>> 9) % 6 === 0 ? NOTES[(bits >>> 12) % NOTES.length] : null },
  ];
}

function severity(bits: number): readonly string[] {
  const option = (bits >>> 4) % 2 === 0 ? SEVERITIES[(bits >>> 14) % SEVERITIES.length] : undefined;
  return option === undefined ? [] : [option.value];
}
