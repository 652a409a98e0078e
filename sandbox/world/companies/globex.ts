import { slug } from '../words/slug.ts';
import type { CompanyProfile } from './company.ts';

const HEADS = [
  'Ald',
  'Bress',
  'Carm',
  'Dolc',
  'Ferm',
  'Gard',
  'Isol',
  'Lav',
  'Merc',
  'Nav',
  'Orv',
  'Pont',
  'Quar',
  'Rov',
  'Salv',
  'Torr',
  'Umbr',
  'Vald',
  'Zan',
  'Fior',
  'Cast',
  'Mont',
  'Brun',
  'Lur',
] as const;
const TAILS = [
  'ano',
  'dero',
  'forma',
  'gio',
  'lance',
  'lene',
  'metra',
  'nova',
  'pera',
  'quinto',
  'rama',
  'rice',
  'solo',
  'tessa',
  'tura',
  'vanti',
  'velo',
  'vigo',
  'zione',
  'plana',
  'stella',
  'corte',
  'guida',
  'menta',
] as const;

/**
 * A maker of machines in the north of Italy, with customers all over Europe,
 * most of them in Italy, Germany and France. Runs Odoo, Zendesk and Google
 * Calendar. Its help desk shares no number with the ERP: the domain alone says
 * which account a ticket belongs to. Reviews stand in the calendar only, where
 * the word QBR in the title tells them from other meetings.
 */
export const GLOBEX: CompanyProfile = {
  id: 'globex',
  name: 'Globex Impianti S.p.A.',
  domain: 'globex-impianti.example',
  streams: 'globex ',
  staff: 'it',
  countries: [
    ...(['IT', 'IT', 'IT', 'IT', 'IT', 'IT', 'DE', 'DE', 'DE', 'DE', 'DE'] as const),
    ...(['FR', 'FR', 'FR', 'FR', 'AT', 'CH', 'NL', 'GB', 'US'] as const),
  ],
  homeCountries: ['IT'],
  homeTexts: 'it',
  heads: HEADS,
  tails: TAILS,
  headSlugs: HEADS.map(slug),
  tailSlugs: TAILS.map(slug),
};
