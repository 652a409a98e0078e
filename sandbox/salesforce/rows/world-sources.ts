import { parseSalesforceId, salesforceId, type World, type WorldAccount } from '../../world/index.ts';
import { hash32 } from '../../kit/index.ts';
import { CLOSE_REASONS } from '../schema/customised.ts';
import type { Value } from '../schema/field.ts';
import { recordTypeId } from '../schema/record-types.ts';
import { organizationId, userId, username } from './identity.ts';
import { longTextOf } from './long-text.ts';
import { recordTypeSource } from './record-type-source.ts';
import { day, source, type BaseSource } from './source.ts';
import { vertragSource } from './vertrag-source.ts';

const COUNTRIES: Readonly<Record<WorldAccount['country'], string>> = {
  DE: 'Deutschland',
  AT: 'Österreich',
  CH: 'Schweiz',
  FR: 'Frankreich',
  IT: 'Italien',
  NL: 'Niederlande',
  US: 'USA',
  GB: 'Großbritannien',
};

const TERRITORY: Readonly<Record<WorldAccount['country'], { readonly region: string; readonly name: string }>> = {
  DE: { region: 'DACH', name: 'DE' },
  AT: { region: 'DACH', name: 'Österreich' },
  CH: { region: 'DACH', name: 'Schweiz' },
  FR: { region: 'Westeuropa', name: 'Frankreich' },
  NL: { region: 'Westeuropa', name: 'Benelux' },
  GB: { region: 'Westeuropa', name: 'Großbritannien' },
  IT: { region: 'Südeuropa', name: 'Italien' },
  US: { region: 'Nordamerika', name: 'USA' },
};
const DEAL_TYPES = { Neugeschäft: 'Neugeschaeft', Verlängerung: 'Verlaengerung', Erweiterung: 'Erweiterung' } as const;

type Placed = Pick<WorldAccount, 'employees' | 'country' | 'postalCode'>;

/** Large countries are split by postcode; the largest customers are nobody's territory. */
function territoryOf(account: Placed): string {
  if (account.employees > 15_000) return 'Schlüsselkunden';
  const { name } = TERRITORY[account.country];
  const low = account.postalCode.charCodeAt(0) < '5'.charCodeAt(0);
  if (account.country === 'DE') return low ? 'DE Nord' : 'DE Süd';
  return account.country === 'US' ? `USA ${low ? 'Ost' : 'West'}` : name;
}

/** Region and territory by an address as records have it; null for a country without any. */
export function placeByAddress(
  country: string,
  postalCode: string,
  employees: number,
): { readonly region: string; readonly territory: string } | null {
  const code = (Object.keys(COUNTRIES) as WorldAccount['country'][]).find((one) => COUNTRIES[one] === country);
  if (code === undefined) return null;
  return { region: TERRITORY[code].region, territory: territoryOf({ employees, country: code, postalCode }) };
}

/** Closed deals say why, open ones nothing. */
function closeReason(stage: string, row: number): string | null {
  const reasons = Object.keys(CLOSE_REASONS).filter((reason) => CLOSE_REASONS[reason]?.includes(stage));
  return reasons[hash32(row, reasons.length) % Math.max(1, reasons.length)] ?? null;
}

/** Object name -> its records in this world. Objects that are not named here start empty. */
export function worldSources(world: World): ReadonlyMap<string, BaseSource> {
  return new Map([
    ['Account', accounts(world)],
    ['Contact', contacts(world)],
    ['Opportunity', opportunities(world)],
    ['Event', events(world)],
    ['User', users(world)],
    ['Vertrag__c', vertragSource(world)],
    ['Organization', organization(world)],
    ['RecordType', recordTypeSource(world.user(0).createdAt.getTime())],
  ]);
}

export const accountId = (index: number): string => salesforceId('001', index);

function accounts(world: World): BaseSource {
  return source({
    count: world.counts.accounts,
    item: (row) => world.account(row),
    modifiedMs: (row) => world.modifiedMs('accounts', row),
    values: {
      Name: (account) => account.name,
      Type: (account) => (account.status === 'Interessent' ? 'Prospect' : 'Customer - Direct'),
      ParentId: (account) => (account.parent === null ? null : accountId(account.parent)),
      BillingStreet: (account) => account.street,
      BillingCity: (account) => account.city,
      BillingPostalCode: (account) => account.postalCode,
      BillingCountry: (account) => COUNTRIES[account.country],
      Phone: (account) => account.phone,
      Website: (account) => `https://www.${account.domain}`,
      Industry: (account) => account.industry,
      AnnualRevenue: (account) => account.annualRevenueEur,
      NumberOfEmployees: (account) => account.employees,
      OwnerId: (account) => userId(account.owner),
      Kundennummer__c: (account) => account.customerNumber,
      Kundensegment__c: (account) => account.segment,
      Kundenstatus__c: (account) => account.status,
      Region__c: (account) => TERRITORY[account.country].region,
      Vertriebsgebiet__c: (account) => territoryOf(account),
      RecordTypeId: (account) => recordTypeId('Account', account.status === 'Interessent' ? 'Interessent' : 'Kunde'),
    },
  });
}

function contacts(world: World): BaseSource {
  return source({
    count: world.counts.contacts,
    item: (row) => world.contact(row),
    modifiedMs: (row) => world.modifiedMs('contacts', row),
    values: {
      AccountId: (contact) => accountId(contact.account),
      FirstName: (contact) => contact.firstName,
      LastName: (contact) => contact.lastName,
      Email: (contact) => contact.email,
      Phone: (contact) => contact.phone,
      Title: (contact) => contact.title,
      OwnerId: (contact) => userId(world.account(contact.account).owner),
    },
    children: childrenOfAccount(world, 'contacts', 'AccountId'),
  });
}

function opportunities(world: World): BaseSource {
  return source({
    count: world.counts.opportunities,
    item: (row) => world.opportunity(row),
    modifiedMs: (row) => world.modifiedMs('opportunities', row),
    values: {
      AccountId: (deal) => accountId(deal.account),
      Name: (deal) => deal.name,
      Description: (deal) => deal.description,
      // Nobody maintains the standard stage in this org; see Vertriebsphase__c.
      StageName: () => 'Prospecting',
      Amount: () => null,
      Probability: (deal) => deal.probability,
      CloseDate: (deal) => day(deal.closeDate),
      NextStep: (deal) => deal.nextStep,
      OwnerId: (deal) => userId(deal.owner),
      Vertriebsphase__c: (deal) => deal.stage,
      Auftragswert__c: (deal) => deal.amountEur,
      Vertragsart__c: (deal) => deal.kind,
      Angebotstext__c: (_deal, row) => longTextOf(world.seed, 'Angebotstext__c', row),
      Abschlussgrund__c: (deal, row) => closeReason(deal.stage, row),
      RecordTypeId: (deal) => recordTypeId('Opportunity', DEAL_TYPES[deal.kind]),
      Verlaengerungsdatum__c: (deal) => (deal.kind === 'Verlängerung' ? day(deal.closeDate) : null),
    },
    children: childrenOfAccount(world, 'opportunities', 'AccountId'),
  });
}

function events(world: World): BaseSource {
  return source({
    count: world.counts.meetings,
    item: (row) => world.meeting(row),
    modifiedMs: (row) => world.modifiedMs('meetings', row),
    values: {
      WhatId: (meeting) => accountId(meeting.account),
      WhoId: (meeting) => (meeting.contact === null ? null : salesforceId('003', meeting.contact)),
      Subject: (meeting) => meeting.subject,
      StartDateTime: (meeting) => meeting.startsAt.getTime(),
      DurationInMinutes: (meeting) => meeting.minutes,
      OwnerId: (meeting) => userId(meeting.owner),
      ShowAs: () => 'Busy',
      Besprechungsart__c: (meeting) => meeting.kind,
    },
    children: childrenOfAccount(world, 'meetings', 'WhatId'),
  });
}

function users(world: World): BaseSource {
  const names = (row: number): { first: string; last: string } => {
    const [first = '', ...rest] = world.user(row).name.split(' ');
    return { first, last: rest.join(' ') };
  };
  return source({
    count: world.counts.users,
    item: (row) => world.user(row),
    modifiedMs: (row) => world.modifiedMs('users', row),
    values: {
      Username: (_user, row) => username(world, row),
      FirstName: (_user, row) => names(row).first,
      LastName: (_user, row) => names(row).last,
      Email: (user) => user.email,
      Alias: (_user, row) => names(row).last.slice(0, 4).toLowerCase() + row,
      IsActive: (user) => user.active,
      Department: (user) => user.team,
      UserType: () => 'Standard',
      TimeZoneSidKey: () => 'Europe/Berlin',
      LocaleSidKey: () => 'de_DE',
      LanguageLocaleKey: () => 'de',
    },
  });
}

function organization(world: World): BaseSource {
  const values: Readonly<Record<string, Value>> = {
    Id: organizationId(world.seed),
    Name: world.company.name,
    InstanceName: 'EU45',
    IsSandbox: false,
    OrganizationType: 'Enterprise Edition',
    LanguageLocaleKey: 'de',
    TimeZoneSidKey: 'Europe/Berlin',
  };
  const bornMs = world.user(0).createdAt.getTime();
  return {
    count: 1,
    createdMs: () => bornMs,
    modifiedMs: () => bornMs,
    value: (_row, storage) => values[storage],
    children: () => null,
  };
}

function childrenOfAccount(world: World, kind: 'contacts' | 'opportunities' | 'meetings', look: string) {
  return (storage: string, parentId: string): readonly number[] | null => {
    if (storage !== look) return null;
    const parent = parseSalesforceId(parentId);
    if (parent === null || parent.prefix !== '001' || parent.index >= world.counts.accounts) return [];
    return world.childrenOf(kind, parent.index);
  };
}
