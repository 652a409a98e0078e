import type { Company } from './companies/company.ts';

/**
 * One fictitious customer, seen by all of its systems. Every fact is a pure
 * function of (seed, scale, index), so that a million records need no memory
 * and two systems agree without talking: the CRM's account 17 is the help
 * desk's organization 17. What changes later is an overlay in each sandbox.
 *
 * Indexes count from 0. Dates are UTC. `anchor` is the world's "today": the
 * newest base record was modified just before it.
 *
 * `scale` counts what both systems hold: the CRM's users, accounts, contacts,
 * opportunities and meetings, the help desk's agents, end users, organizations
 * and tickets. Objects that a sandbox derives (contracts, for example) come on top.
 */
export interface World {
  /** Whose systems these are; the same seed gives each company other records. */
  readonly company: Company;
  readonly seed: number;
  /** Records in all systems together, 2,000 to 1,000,000; counts add up to it within 1 %. */
  readonly scale: number;
  readonly anchor: Date;
  readonly counts: WorldCounts;
  readonly user: (index: number) => WorldUser;
  readonly account: (index: number) => WorldAccount;
  readonly contact: (index: number) => WorldContact;
  readonly opportunity: (index: number) => WorldOpportunity;
  readonly meeting: (index: number) => WorldMeeting;
  readonly ticket: (index: number) => WorldTicket;
  /** The record's modifiedAt in ms since 1970, without building the record. */
  readonly modifiedMs: (kind: WorldKind, index: number) => number;
  /** The first index whose record was modified at or after the time: 0 to the kind's count. */
  readonly firstModifiedFrom: (kind: WorldKind, ms: number) => number;
  /** The account of a child record, without building the record. */
  readonly accountOf: (kind: WorldChildKind, index: number) => number;
  /** All children of an account, by index, ascending; costs as many steps as there are children. */
  readonly childrenOf: (kind: WorldChildKind, account: number) => readonly number[];
}

export type WorldChildKind = 'contacts' | 'opportunities' | 'meetings' | 'tickets';
export type WorldKind = 'users' | 'accounts' | WorldChildKind;

export interface WorldCounts {
  /** The customer's own staff: CRM users and help-desk agents. About 20 + scale/20,000. */
  readonly users: number;
  readonly accounts: number;
  readonly contacts: number;
  /** Contacts that write to support: the help desk's end users. Part of `contacts`. */
  readonly endUsers: number;
  readonly opportunities: number;
  readonly meetings: number;
  readonly tickets: number;
}

interface Stamped {
  readonly createdAt: Date;
  /** Grows with the index within each kind (ties happen), never after the anchor. */
  readonly modifiedAt: Date;
}

export interface WorldUser extends Stamped {
  readonly name: string;
  readonly email: string;
  readonly team: 'sales' | 'success' | 'support' | 'sales-ops';
  readonly active: boolean;
}

export interface WorldAccount extends Stamped {
  readonly name: string;
  readonly domain: string;
  readonly industry: string;
  readonly country: 'DE' | 'AT' | 'CH' | 'FR' | 'IT' | 'NL' | 'US' | 'GB';
  readonly city: string;
  readonly street: string;
  readonly postalCode: string;
  readonly phone: string;
  readonly employees: number;
  readonly annualRevenueEur: number;
  /** `K-004711`. */
  readonly customerNumber: string;
  readonly segment: 'Enterprise' | 'Mittelstand' | 'Kleinunternehmen';
  readonly status: 'Aktiv' | 'Gefährdet' | 'Gekündigt' | 'Interessent';
  readonly owner: number;
  readonly parent: number | null;
}

export interface WorldContact extends Stamped {
  readonly account: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly title: string;
}

export interface WorldOpportunity extends Stamped {
  readonly account: number;
  readonly owner: number;
  readonly name: string;
  readonly stage: 'Qualifizierung' | 'Bedarfsanalyse' | 'Angebot' | 'Verhandlung' | 'Gewonnen' | 'Verloren';
  readonly kind: 'Neugeschäft' | 'Verlängerung' | 'Erweiterung';
  /** Two decimals. */
  readonly amountEur: number;
  readonly closeDate: Date;
  readonly probability: number;
  readonly nextStep: string | null;
  readonly description: string | null;
}

export interface WorldMeeting extends Stamped {
  readonly account: number;
  readonly contact: number | null;
  readonly owner: number;
  readonly subject: string;
  readonly kind: 'QBR' | 'Kickoff' | 'Demo' | 'Support-Review' | 'Telefonat';
  readonly startsAt: Date;
  readonly minutes: number;
}

export interface WorldTicket extends Stamped {
  readonly account: number;
  /** Contact who asked. */
  readonly requester: number;
  readonly assignee: number | null;
  readonly subject: string;
  readonly description: string;
  readonly status: 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed';
  readonly priority: 'low' | 'normal' | 'high' | 'urgent' | null;
  readonly type: 'problem' | 'incident' | 'question' | 'task';
  readonly tags: readonly string[];
  readonly productArea: 'abrechnung' | 'import' | 'api' | 'berichte' | 'mobil';
  readonly contractNumber: string | null;
  readonly revenueAtRiskEur: number | null;
  readonly escalated: boolean;
}
