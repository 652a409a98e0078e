import { field, reference, type FieldDef } from './field.ts';
import { autoNumber, owner, withSystemFields, type ObjectDef } from './object.ts';

const KINDS = ['Neugeschäft', 'Verlängerung', 'Erweiterung'];

const REGIONS = ['DACH', 'Westeuropa', 'Südeuropa', 'Nordamerika'];
const TERRITORIES: Readonly<Record<string, readonly string[]>> = {
  'DE Nord': ['DACH'],
  'DE Süd': ['DACH'],
  Österreich: ['DACH'],
  Schweiz: ['DACH'],
  Frankreich: ['Westeuropa'],
  Benelux: ['Westeuropa'],
  Großbritannien: ['Westeuropa'],
  Italien: ['Südeuropa'],
  'USA Ost': ['Nordamerika'],
  'USA West': ['Nordamerika'],
  Schlüsselkunden: REGIONS,
};
/** Why a deal ended, and with which outcomes that may be said. */
export const CLOSE_REASONS: Readonly<Record<string, readonly string[]>> = {
  Preis: ['Gewonnen', 'Verloren'],
  Funktionsumfang: ['Gewonnen', 'Verloren'],
  Zusammenarbeit: ['Gewonnen'],
  Wettbewerb: ['Verloren'],
  'Kein Budget': ['Verloren'],
  'Keine Entscheidung': ['Verloren'],
};

/** What this customer's admins added to standard objects: the facts live here, the standard fields are stale or empty. */
export const customFields: Readonly<Record<string, readonly FieldDef[]>> = {
  Account: [
    field('Kundennummer__c', 'Kundennummer', 'string', {
      length: 20,
      externalId: true,
      unique: true,
      help: 'Nummer aus der Warenwirtschaft, z. B. K-004711',
    }),
    field('Kundensegment__c', 'Kundensegment', 'picklist', {
      picklist: ['Enterprise', 'Mittelstand', 'Kleinunternehmen'],
      restrictedPicklist: true,
    }),
    field('Kundenstatus__c', 'Kundenstatus', 'picklist', {
      picklist: ['Aktiv', 'Gefährdet', 'Gekündigt', 'Interessent'],
      restrictedPicklist: true,
      help: 'Wird vom Customer Success Team gepflegt',
    }),
    field('Region__c', 'Region', 'picklist', { picklist: REGIONS, restrictedPicklist: true }),
    field('Vertriebsgebiet__c', 'Vertriebsgebiet', 'picklist', {
      picklist: Object.keys(TERRITORIES),
      restrictedPicklist: true,
      dependency: { controller: 'Region__c', validFor: TERRITORIES },
    }),
  ],
  Opportunity: [
    field('Vertriebsphase__c', 'Vertriebsphase', 'picklist', {
      picklist: ['Qualifizierung', 'Bedarfsanalyse', 'Angebot', 'Verhandlung', 'Gewonnen', 'Verloren'],
      restrictedPicklist: true,
      help: 'Maßgeblich für Forecast und Verlängerungen. Das Standardfeld "Stage" wird nicht gepflegt.',
    }),
    field('Auftragswert__c', 'Auftragswert', 'currency', { precision: 16, scale: 2, help: 'Netto in EUR' }),
    field('Vertragsart__c', 'Vertragsart', 'picklist', { picklist: KINDS, restrictedPicklist: true }),
    field('Abschlussgrund__c', 'Abschlussgrund', 'picklist', {
      picklist: Object.keys(CLOSE_REASONS),
      restrictedPicklist: true,
      dependency: { controller: 'Vertriebsphase__c', validFor: CLOSE_REASONS },
      help: 'Warum gewonnen oder verloren; Pflicht beim Abschluss',
    }),
    field('Verlaengerungsdatum__c', 'Verlängerungsdatum', 'date', { help: 'Nur bei Vertragsart Verlängerung' }),
  ],
  Event: [
    field('Besprechungsart__c', 'Besprechungsart', 'picklist', {
      picklist: ['QBR', 'Kickoff', 'Demo', 'Support-Review', 'Telefonat'],
      restrictedPicklist: true,
    }),
  ],
};

/** The customer's own object: one contract per won opportunity. */
export const vertrag: ObjectDef = {
  name: 'Vertrag__c',
  label: 'Vertrag',
  plural: 'Verträge',
  keyPrefix: 'a0X',
  sort: 'custom',
  queryable: true,
  writable: true,
  fields: withSystemFields([
    owner,
    autoNumber('Vertragsnummer'),
    reference('Konto__c', 'Konto', 'Account', 'Vertraege__r', { nillable: false }),
    reference('Opportunity__c', 'Opportunity', 'Opportunity', 'Vertraege__r'),
    field('Beginn__c', 'Beginn', 'date'),
    field('Ende__c', 'Ende', 'date'),
    field('Monatswert__c', 'Monatswert', 'currency', { precision: 16, scale: 2 }),
    field('Status__c', 'Status', 'picklist', {
      picklist: ['Entwurf', 'Aktiv', 'Ausgelaufen'],
      restrictedPicklist: true,
    }),
  ]),
};
