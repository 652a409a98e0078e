import type { WorldAccount } from '../types.ts';

type Country = WorldAccount['country'];

/** One entry per weight: half of the customers are German. */
export const COUNTRIES: readonly Country[] = [
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'DE',
  'AT',
  'AT',
  'CH',
  'CH',
  'FR',
  'IT',
  'NL',
  'US',
  'US',
  'GB',
];

/** City and the first digits of its postal codes; the rest is drawn. */
export const CITIES: Readonly<Record<Country, readonly (readonly [city: string, prefix: string])[]>> = {
  DE: [
    ['Hamburg', '20'],
    ['Köln', '50'],
    ['München', '80'],
    ['Düsseldorf', '40'],
    ['Leipzig', '04'],
    ['Nürnberg', '90'],
    ['Münster', '48'],
    ['Rostock', '18'],
    ['Würzburg', '97'],
    ['Freiburg im Breisgau', '79'],
  ],
  AT: [
    ['Wien', '10'],
    ['Graz', '80'],
    ['Linz', '40'],
    ['Sankt Pölten', '31'],
  ],
  CH: [
    ['Zürich', '80'],
    ['Bern', '30'],
    ['Genève', '12'],
    ['Winterthur', '84'],
  ],
  FR: [
    ['Lyon', '69'],
    ['Nîmes', '30'],
    ['Besançon', '25'],
    ['Paris', '75'],
  ],
  IT: [
    ['Bologna', '40'],
    ['Torino', '10'],
    ['Forlì', '47'],
    ['Verona', '37'],
  ],
  NL: [
    ['Utrecht', '35'],
    ['Eindhoven', '56'],
    ['’s-Hertogenbosch', '52'],
    ['Groningen', '97'],
  ],
  US: [
    ['Portland', '97'],
    ['St. Louis', '63'],
    ['Española', '87'],
    ['Columbus', '43'],
  ],
  GB: [
    ['Leeds', 'LS1'],
    ['Bristol', 'BS1'],
    ['Stoke-on-Trent', 'ST4'],
    ['Cardiff', 'CF1'],
  ],
};

export const STREETS: Readonly<Record<Country, readonly string[]>> = {
  DE: ['Industriestraße', 'Am Güterbahnhof', 'Lindenallee', 'Werkstraße', 'Äußere Ringstraße', 'Mühlenweg', 'Hafenkai'],
  AT: ['Handelskai', 'Wiener Straße', 'Am Hof', 'Fabriksgasse'],
  CH: ['Bahnhofstrasse', 'Seestrasse', 'Rue du Lac', 'Gewerbeweg'],
  FR: ["rue de l'Industrie", 'avenue des Frères', 'chemin du Moulin'],
  IT: ['Via Emilia', 'Corso Italia', "Via dell'Artigianato"],
  NL: ['Havenweg', 'Industrieweg', 'Kanaaldijk'],
  US: ['Commerce Blvd', 'Main St', 'Harbor Ave'],
  GB: ['Station Road', 'Mill Lane', 'Canal Street'],
};

/** Each country writes numbers in its own way, and people in more than one. `#` is a digit. */
export const PHONES: Readonly<Record<Country, readonly string[]>> = {
  DE: ['+49 30 23125 ###', '030/23125-###', '+493023125###'],
  AT: ['+43 1 555 ## ##', '01 / 555 ####'],
  CH: ['+41 44 555 ## ##'],
  FR: ['+33 1 99 00 ## ##', '01.99.00.##.##'],
  IT: ['+39 06 5550 ####'],
  NL: ['+31 20 555 ####'],
  US: ['+1 (555) 555-01##', '555.555.01##'],
  GB: ['+44 20 7946 0###', '020 7946 0###'],
};
