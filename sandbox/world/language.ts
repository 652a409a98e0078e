import type { CompanyProfile } from './companies/company.ts';
import type { WorldAccount } from './types.ts';

type Country = WorldAccount['country'];

type Names = 'de' | 'en' | 'fr' | 'it' | 'nl';

const NAMES: Readonly<Record<Country, Names>> = {
  DE: 'de',
  AT: 'de',
  CH: 'de',
  FR: 'fr',
  IT: 'it',
  NL: 'nl',
  US: 'en',
  GB: 'en',
};

/** The language that people and companies of a country have names in. */
export function namesOf(country: Country): Names {
  return NAMES[country];
}

/** The language in which the company's staff and this country's people write to each other. */
export function textsOf(company: CompanyProfile, country: Country): 'de' | 'en' | 'it' {
  return company.homeCountries.includes(country) ? company.homeTexts : 'en';
}
