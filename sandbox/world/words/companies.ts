import type { WorldAccount } from '../types.ts';

type Country = WorldAccount['country'];

/** Invented company names are head + middle + tail: `Bremolit`, `Korvahaus`. All 11,520 differ, also as domains. */
export const HEADS = [
  'Alb',
  'Brem',
  'Cord',
  'Delm',
  'Eich',
  'Falk',
  'Grün',
  'Hasl',
  'Ilm',
  'Jork',
  'Korv',
  'Lind',
  'Mard',
  'Nord',
  'Olm',
  'Plan',
  'Quel',
  'Rost',
  'Stein',
  'Tann',
  'Ulf',
  'Vest',
  'Wind',
  'Zell',
] as const;
export const MIDDLES = [
  'a',
  'e',
  'i',
  'o',
  'u',
  'ari',
  'eka',
  'eli',
  'emo',
  'eno',
  'era',
  'eto',
  'iga',
  'ilo',
  'ima',
  'ino',
  'ora',
  'osi',
  'ova',
  'una',
] as const;
export const TAILS = [
  'bach',
  'berg',
  'brück',
  'data',
  'feld',
  'furt',
  'gard',
  'haus',
  'höfer',
  'kamp',
  'land',
  'lit',
  'mark',
  'med',
  'nex',
  'plast',
  'rund',
  'san',
  'tal',
  'tec',
  'thal',
  'vent',
  'werk',
  'xan',
] as const;

/** Names that heads, middles and tails make; every company has as many heads and tails. */
export const STEMS = HEADS.length * MIDDLES.length * TAILS.length;

/** Line n of each list means the same trade, so that two countries never lend one stem the same domain. */
export const TRADES: Readonly<Record<'de' | 'en' | 'fr' | 'it' | 'nl', readonly string[]>> = {
  de: ['Metallbau', 'Logistik', 'Medizintechnik', 'Energie', 'Lebensmittel', 'Software', 'Verpackung', 'Bau'],
  en: ['Metalworks', 'Logistics', 'Medical', 'Energy', 'Foods', 'Systems', 'Packaging', 'Construction'],
  fr: ['Métallerie', 'Transports', 'Médical', 'Énergies', 'Alimentation', 'Logiciels', 'Emballages', 'Bâtiment'],
  it: ['Carpenterie', 'Trasporti', 'Medicale', 'Energia', 'Alimentari', 'Informatica', 'Imballaggi', 'Costruzioni'],
  nl: ['Metaalbouw', 'Vervoer', 'Medisch', 'Stroom', 'Voeding', 'Programmatuur', 'Verpakkingen', 'Bouw'],
};

/** The industry as the CRM spells it, by trade. */
export const INDUSTRIES = [
  'Metallverarbeitung',
  'Transport & Logistik',
  'Medizintechnik',
  'Energieversorgung',
  'Lebensmittelindustrie',
  'IT & Software',
  'Verpackungsindustrie',
  'Bauwirtschaft',
] as const;

export const LEGAL_FORMS: Readonly<Record<Country, readonly string[]>> = {
  DE: ['GmbH', 'GmbH', 'GmbH & Co. KG', 'AG', 'KG', 'SE'],
  AT: ['GmbH', 'GmbH', 'AG', 'OG'],
  CH: ['AG', 'AG', 'GmbH', 'SA'],
  FR: ['SARL', 'SAS', 'SA'],
  IT: ['S.r.l.', 'S.p.A.', 'S.n.c.'],
  NL: ['B.V.', 'B.V.', 'N.V.'],
  US: ['Inc.', 'LLC', 'Corp.'],
  GB: ['Ltd', 'Ltd', 'PLC'],
};
