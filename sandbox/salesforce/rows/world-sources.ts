import { parseSalesforceId, salesforceId, type World, type WorldAccount } from '../../world/index.ts';
import type { Value } from '../schema/field.ts';
import { ORG_NAME, organizationId, userId, username } from './identity.ts';
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
      Username: (_user, row) => username(row),
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
    Name: ORG_NAME,
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
