import { fieldIds } from '../ids.ts';
import type { FieldDraft } from '../fields/field.ts';

export const LINES = [
  { name: 'Fatturazione', value: 'area_fatturazione' },
  { name: 'Importazione dati', value: 'area_importazione' },
  { name: 'API e integrazioni', value: 'area_api' },
  { name: 'Report', value: 'area_report' },
  { name: 'App mobile', value: 'area_mobile' },
] as const;

export const SEVERITIES = [
  { name: 'Bloccante', value: 'gravita_bloccante' },
  { name: 'Media', value: 'gravita_media' },
  { name: 'Lieve', value: 'gravita_lieve' },
] as const;

/** Nothing here names a contract or an account: the ERP and the help desk were never connected. */
export const TICKET_FIELDS = [
  { type: 'tagger', title: 'Area prodotto', description: 'Parte del prodotto', required: true, options: LINES },
  {
    type: 'regexp',
    title: 'Numero di matricola',
    description: 'Sulla targhetta, ad es. GX-01234',
    regexp: String.raw`\AGX-\d{5}\z`,
  },
  { type: 'decimal', title: 'Costo stimato (€)' },
  { type: 'checkbox', title: 'Fermo produzione' },
  { type: 'tagger', title: 'Gravità', options: SEVERITIES },
  { type: 'date', title: 'Data intervento' },
  { type: 'textarea', title: 'Nota del tecnico' },
  { type: 'text', title: 'Vecchio codice', active: false },
] as const satisfies readonly FieldDraft[];

/** Ids of the ticket fields that base tickets fill. */
export const TICKET_FIELD_IDS = {
  area: fieldIds.of(0),
  serial: fieldIds.of(1),
  cost: fieldIds.of(2),
  stopped: fieldIds.of(3),
  severity: fieldIds.of(4),
  visit: fieldIds.of(5),
  note: fieldIds.of(6),
} as const;

export const ORGANIZATION_FIELDS = [
  {
    type: 'dropdown',
    title: 'Livello di servizio',
    key: 'livello_servizio',
    options: [
      { name: 'Oro', value: 'sla_oro' },
      { name: 'Argento', value: 'sla_argento' },
      { name: 'Base', value: 'sla_base' },
    ],
  },
  { type: 'text', title: 'Referente commerciale', key: 'referente' },
  { type: 'integer', title: 'Macchine installate', key: 'macchine' },
] as const satisfies readonly FieldDraft[];

export const USER_FIELDS = [
  {
    type: 'dropdown',
    title: 'Lingua',
    key: 'lingua',
    options: [
      { name: 'Italiano', value: 'lingua_it' },
      { name: 'English', value: 'lingua_en' },
    ],
  },
  { type: 'checkbox', title: 'Corso completato', key: 'corso' },
] as const satisfies readonly FieldDraft[];
