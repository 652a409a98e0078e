import { fieldIds } from '../ids.ts';
import type { FieldDraft } from '../fields/field.ts';

export const PRODUCT_AREAS = [
  { name: 'Abrechnung', value: 'abrechnung' },
  { name: 'Datenimport', value: 'import' },
  { name: 'Schnittstelle (API)', value: 'api' },
  { name: 'Berichte & Dashboards', value: 'berichte' },
  { name: 'Mobile App', value: 'mobil' },
] as const;

export const SITES = [
  { name: 'Werk Nord', value: 'standort_werk_nord' },
  { name: 'Werk Süd', value: 'standort_werk_sued' },
  { name: 'Lager', value: 'standort_lager' },
  { name: 'Verwaltung', value: 'standort_verwaltung' },
] as const;

export const CATEGORIES = ['Anfrage', 'Störung', 'Änderungswunsch', 'Lob & Kritik'] as const;

/**
 * Grown over the years: two fields are called the same, some are switched off
 * and one type was chosen wrongly. The order fixes the ids.
 */
export const TICKET_FIELDS = [
  {
    type: 'tagger',
    title: 'Produktbereich',
    description: 'Betroffener Bereich des Produkts',
    required: true,
    options: PRODUCT_AREAS,
  },
  {
    type: 'regexp',
    title: 'Vertragsnummer',
    description: 'Wie auf der Rechnung, z. B. V-001234',
    regexp: String.raw`\AV-\d{6}\z`,
  },
  { type: 'decimal', title: 'Umsatzrisiko EUR', description: 'Geschätzter Umsatz, der am Ticket hängt' },
  { type: 'checkbox', title: 'Eskaliert' },
  {
    type: 'tagger',
    title: 'Kategorie',
    active: false,
    options: [
      { name: 'Alt: Software', value: 'alt_software' },
      { name: 'Alt: Hardware', value: 'alt_hardware' },
    ],
  },
  { type: 'text', title: 'Kategorie', description: 'Freitext, ersetzt die alte Auswahl' },
  { type: 'date', title: 'Wiedervorlage' },
  { type: 'multiselect', title: 'Betroffene Standorte', options: SITES },
  { type: 'integer', title: 'Anzahl Betroffene' },
  { type: 'text', title: 'ALT - nicht benutzen', active: false },
] as const satisfies readonly FieldDraft[];

/** Ids of the ticket fields that base tickets fill. */
export const TICKET_FIELD_IDS = {
  productArea: fieldIds.of(0),
  contractNumber: fieldIds.of(1),
  revenueAtRisk: fieldIds.of(2),
  escalated: fieldIds.of(3),
  category: fieldIds.of(5),
  followUp: fieldIds.of(6),
  sites: fieldIds.of(7),
  affected: fieldIds.of(8),
} as const;

export const ORGANIZATION_FIELDS = [
  { type: 'text', title: 'Kundennummer', key: 'kundennummer', description: 'Nummer aus dem ERP, K-000000' },
  {
    type: 'dropdown',
    title: 'Segment',
    key: 'segment',
    options: [
      { name: 'Enterprise', value: 'enterprise' },
      { name: 'Mittelstand', value: 'mittelstand' },
      { name: 'Kleinunternehmen', value: 'kleinunternehmen' },
    ],
  },
  { type: 'date', title: 'Kunde seit', key: 'kunde_seit' },
  { type: 'checkbox', title: 'Premium-Support', key: 'premium_support' },
  { type: 'text', title: 'Alte Kundennummer', key: 'kundennummer_alt', active: false },
] as const satisfies readonly FieldDraft[];

export const USER_FIELDS = [
  { type: 'text', title: 'CRM-Kontakt', key: 'crm_kontakt_id', description: 'Id des Kontakts im CRM' },
  {
    type: 'dropdown',
    title: 'Sprache',
    key: 'sprache',
    options: [
      { name: 'Deutsch', value: 'sprache_de' },
      { name: 'English', value: 'sprache_en' },
    ],
  },
  { type: 'decimal', title: 'Zufriedenheit', key: 'zufriedenheit' },
] as const satisfies readonly FieldDraft[];
