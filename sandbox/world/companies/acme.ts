import { HEADS, TAILS } from '../words/companies.ts';
import { COUNTRIES } from '../words/places.ts';
import { slug } from '../words/slug.ts';
import type { CompanyProfile } from './company.ts';

/** A software house in the north of Germany; half of its customers are German. Runs Salesforce and Zendesk. */
export const ACME: CompanyProfile = {
  id: 'acme',
  name: 'Nordlicht Software GmbH',
  domain: 'nordlicht-software.example',
  streams: '',
  staff: 'de',
  countries: COUNTRIES,
  homeCountries: ['DE', 'AT', 'CH'],
  homeTexts: 'de',
  heads: HEADS,
  tails: TAILS,
  headSlugs: HEADS.map(slug),
  tailSlugs: TAILS.map(slug),
};
