import { field, reference, type FieldDef } from './field.ts';
import { autoNumber, owner, withSystemFields, type ObjectDef } from './object.ts';

const KINDS = ['Neugeschäft', 'Verlängerung', 'Erweiterung'];

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
  ],
  Opportunity: [
    field('Vertriebsphase__c', 'Vertriebsphase', 'picklist', {
      picklist: ['Qualifizierung', 'Bedarfsanalyse', 'Angebot', 'Verhandlung', 'Gewonnen', 'Verloren'],
      restrictedPicklist: true,
      help: 'Maßgeblich für Forecast und Verlängerungen. Das Standardfeld "Stage" wird nicht gepflegt.',
    }),
    field('Auftragswert__c', 'Auftragswert', 'currency', { precision: 16, scale: 2, help: 'Netto in EUR' }),
    field('Vertragsart__c', 'Vertragsart', 'picklist', { picklist: KINDS, restrictedPicklist: true }),
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
    reference('Konto__c', 'Konto', 'Account', 'Vertraege__r'),
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
