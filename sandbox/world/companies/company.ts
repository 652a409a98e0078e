import type { WorldAccount } from '../types.ts';
import { ACME } from './acme.ts';
import { GLOBEX } from './globex.ts';

export type CompanyId = 'acme' | 'globex';

/** The customer whose systems a world describes. */
export interface Company {
  readonly id: CompanyId;
  readonly name: string;
  /** Domain of its staff's addresses, under a top level that is reserved for examples. */
  readonly domain: string;
}

/** What makes one company's world differ from another's; everything else is shared. */
export interface CompanyProfile extends Company {
  /** Stands before the names of all streams of draws, so that one seed gives each company other records. */
  readonly streams: string;
  /** Language of the staff's names. */
  readonly staff: 'de' | 'it';
  /** Countries of its customers, one entry per weight. */
  readonly countries: readonly WorldAccount['country'][];
  /** Countries where people write in its own language; everywhere else they write in English. */
  readonly homeCountries: readonly WorldAccount['country'][];
  readonly homeTexts: 'de' | 'it';
  /** Stems of its customers' invented names, head + middle + tail; all combinations differ, also as domains. */
  readonly heads: readonly string[];
  readonly tails: readonly string[];
  readonly headSlugs: readonly string[];
  readonly tailSlugs: readonly string[];
}

const PROFILES: Readonly<Record<CompanyId, CompanyProfile>> = { acme: ACME, globex: GLOBEX };

export const COMPANY_IDS = Object.keys(PROFILES) as readonly CompanyId[];

/** Throws on a name that no company has. */
export function companyProfile(id: CompanyId): CompanyProfile {
  const profile = PROFILES[id] as CompanyProfile | undefined;
  if (profile === undefined) throw new Error(`company must be one of ${COMPANY_IDS.join(', ')}, not ${id}`);
  return profile;
}
