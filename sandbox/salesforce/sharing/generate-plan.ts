import type { Input } from './control-input.ts';
import type { Team } from './generate.ts';

export const BRANCHES = [
  { name: 'Vertrieb', regions: ['Nord', 'Süd', 'West'] },
  { name: 'Service', regions: ['Inland', 'Ausland'] },
  { name: 'Erfolg', regions: ['Bestand', 'Neukunden'] },
] as const;

export const PROFILE_OF_BRANCH = { Vertrieb: 'Vertrieb', Service: 'Kundendienst', Erfolg: 'Erfolgsteam' } as const;

export const MODELS_OF_ORG = [
  ['Account', 'Private'],
  ['Contact', 'ControlledByParent'],
  ['Opportunity', 'Private'],
  ['Case', 'Private'],
  ['Lead', 'Private'],
  ['Campaign', 'Read'],
  ['Vertrag__c', 'Private'],
  ['Event', 'ControlledByParent'],
  ['Task', 'Private'],
] as const;

const MONEY = {
  Account: ['AnnualRevenue'],
  Opportunity: ['Amount', 'Auftragswert__c', 'ExpectedRevenue'],
  Vertrag__c: ['Monatswert__c'],
};
const PRIVATE = { Contact: ['MobilePhone', 'Birthdate'], Lead: ['Phone', 'Email'] };

/** Six profiles beside those that every org has. */
export function profiles(): readonly Input[] {
  return [
    {
      profile: {
        name: 'Vertrieb',
        objects: { Case: 'none' },
        hideFields: { Contact: ['Birthdate'], Account: ['Rating'] },
        writes: { Campaign: [], Vertrag__c: ['create', 'edit'], Lead: ['create', 'edit'] },
        readOnlyFields: { Opportunity: ['Probability'], Account: ['AnnualRevenue', 'BillingAddress'] },
      },
    },
    { profile: { name: 'Leitung', objects: { Lead: 'viewAll' }, hideFields: { Contact: ['Birthdate'] } } },
    {
      profile: {
        name: 'Kundendienst',
        objects: { Lead: 'none', Opportunity: 'none', Campaign: 'none' },
        hideFields: MONEY,
        writes: { Account: ['edit'], Contact: ['create', 'edit'], Vertrag__c: [] },
        readOnlyFields: { Account: ['Phone', 'Industry'], Case: ['Priority'] },
      },
    },
    {
      profile: {
        name: 'Erfolgsteam',
        objects: { Lead: 'none' },
        hideFields: { Opportunity: ['Abschlussgrund__c'], ...PRIVATE },
        writes: { Opportunity: ['edit'], Case: ['create'], Campaign: [] },
        readOnlyFields: { Contact: ['Title'], Opportunity: ['NextStep'] },
      },
    },
    {
      profile: {
        name: 'Buchhaltung',
        objects: { Vertrag__c: 'viewAll', Lead: 'none', Case: 'none' },
        hideFields: PRIVATE,
        writes: { Account: [], Contact: [], Opportunity: ['edit'] },
        editActivities: false,
      },
    },
    {
      profile: {
        name: 'Extern',
        objects: { Lead: 'none', Vertrag__c: 'none', Campaign: 'none' },
        hideFields: { ...MONEY, ...PRIVATE, Account: ['AnnualRevenue', 'BillingAddress', 'Kundenstatus__c', 'Phone'] },
      },
    },
  ];
}

/** Twelve permission sets, most of which give back what a profile takes. */
export function permissionSets(): readonly Input[] {
  return [
    { permissionSet: { name: 'Umsatz_sehen', showFields: MONEY, readOnlyFields: MONEY } },
    {
      permissionSet: {
        name: 'Kontaktdaten_sehen',
        showFields: PRIVATE,
        writes: { Contact: ['create', 'edit', 'delete'] },
      },
    },
    { permissionSet: { name: 'Rechnungsadresse_sehen', showFields: { Account: ['BillingAddress', 'Phone'] } } },
    { permissionSet: { name: 'Status_sehen', showFields: { Account: ['Kundenstatus__c', 'Rating'] } } },
    { permissionSet: { name: 'Abschluss_sehen', showFields: { Opportunity: ['Abschlussgrund__c'] } } },
    {
      permissionSet: {
        name: 'Anfragen_lesen',
        objects: { Case: 'read' },
        showFields: { Case: ['Subject', 'Status', 'Priority'] },
      },
    },
    {
      permissionSet: {
        name: 'Anfragen_alle',
        objects: { Case: 'viewAll' },
        showFields: { Case: ['Subject', 'Description'] },
        writes: { Case: ['create', 'edit', 'delete'] },
      },
    },
    {
      permissionSet: {
        name: 'Chancen_lesen',
        objects: { Opportunity: 'read' },
        showFields: { Opportunity: ['Vertriebsphase__c'] },
      },
    },
    {
      permissionSet: {
        name: 'Interessenten_lesen',
        objects: { Lead: 'read' },
        showFields: { Lead: ['Title', 'LeadSource'] },
      },
    },
    {
      permissionSet: {
        name: 'Vertraege_lesen',
        objects: { Vertrag__c: 'read' },
        showFields: { Vertrag__c: ['Beginn__c', 'Ende__c'] },
      },
    },
    {
      permissionSet: {
        name: 'Vertraege_alle',
        objects: { Vertrag__c: 'viewAll' },
        showFields: { Vertrag__c: ['Monatswert__c'] },
      },
    },
    { permissionSet: { name: 'Einrichtung_sehen', viewSetup: true } },
  ];
}

/** Owner- and criteria-based rules between teams, groups and everybody. */
export function rulesOf(teams: readonly Team[]): readonly Input[] {
  const role = (at: number): string => teams[at % teams.length]?.role ?? '';
  const region = (at: number): string => teams[at % teams.length]?.region ?? '';
  const phase = { field: 'Vertriebsphase__c', operator: 'equals', value: 'Verhandlung' };
  return [
    {
      name: 'Grosskunden',
      object: 'Account',
      where: [{ field: 'Kundensegment__c', operator: 'equals', value: 'Enterprise' }],
      to: { group: 'Gruppe 0' },
      opportunity: 'Read',
    },
    {
      name: 'Gefaehrdet',
      object: 'Account',
      where: [{ field: 'Kundenstatus__c', operator: 'equals', value: 'Gefährdet' }],
      to: { role: role(12) },
      case: 'Read',
    },
    {
      name: 'Grosse Umsaetze',
      object: 'Account',
      where: [{ field: 'AnnualRevenue', operator: 'greaterThan', value: 900_000_000 }],
      to: { group: 'Gruppe 7' },
    },
    { name: 'Nord an Sued', object: 'Account', from: { roleAndSubordinates: region(0) }, to: { role: role(4) } },
    {
      name: 'Gruppe an Service',
      object: 'Account',
      from: { group: 'Gruppe 1' },
      to: { roleAndSubordinatesInternal: region(9) },
      case: 'Edit',
    },
    { name: 'Verhandlung', object: 'Opportunity', where: [phase], to: { group: 'Gruppe 2' } },
    {
      name: 'Verlaengerungen',
      object: 'Opportunity',
      where: [{ field: 'Vertragsart__c', operator: 'equals', value: 'Verlängerung' }, phase],
      to: { roleAndSubordinates: region(15) },
    },
    { name: 'Chancen der Leitung', object: 'Opportunity', from: { role: region(3) }, to: { group: 'Gruppe 8' } },
    {
      name: 'Dringend',
      object: 'Case',
      where: [{ field: 'Priority', operator: 'equals', value: 'High' }],
      to: { group: 'Gruppe 3' },
    },
    { name: 'Aus der Schlange', object: 'Case', from: { queue: 'Eingang' }, to: { role: role(10) } },
    {
      name: 'Web',
      object: 'Lead',
      where: [{ field: 'LeadSource', operator: 'equals', value: 'Web' }],
      to: { roleAndSubordinates: region(6) },
    },
    { name: 'Neue Leads', object: 'Lead', from: { queue: 'Neue Leads' }, to: { group: 'Gruppe 9' } },
    {
      name: 'Laufende Vertraege',
      object: 'Vertrag__c',
      where: [
        { field: 'Status__c', operator: 'equals', value: 'Aktiv' },
        { field: 'Monatswert__c', operator: 'greaterOrEqual', value: 3_000 },
      ],
      to: { group: 'Gruppe 4' },
    },
    {
      name: 'Vertraege der Region',
      object: 'Vertrag__c',
      from: { roleAndSubordinates: region(1) },
      to: { roleAndSubordinates: region(18) },
    },
  ];
}
