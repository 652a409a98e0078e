import type { Condition } from './condition.ts';

export interface ValidationRuleDef {
  readonly object: string;
  readonly name: string;
  readonly active: boolean;
  readonly description: string | null;
  readonly message: string;
  /** Beside which field the message appears; null: on top of the page. */
  readonly displayField: string | null;
  readonly condition: Condition;
}

const picked = (field: string, value: string): Condition => ({ kind: 'picked', field, value });
const blank = (field: string, picklist = false): Condition => ({ kind: 'blank', field, picklist });
const all = (...terms: readonly Condition[]): Condition => ({ kind: 'all', terms });

/** What the customer's admins forbid. */
export const validationRules: readonly ValidationRuleDef[] = [
  {
    object: 'Opportunity',
    name: 'Abschlussgrund_Pflicht',
    active: true,
    description: 'Seit dem Vertriebsaudit: kein Abschluss ohne Grund',
    message: 'Bitte einen Abschlussgrund angeben.',
    displayField: 'Abschlussgrund__c',
    condition: all(
      { kind: 'any', terms: [picked('Vertriebsphase__c', 'Gewonnen'), picked('Vertriebsphase__c', 'Verloren')] },
      blank('Abschlussgrund__c', true),
    ),
  },
  {
    object: 'Opportunity',
    name: 'Verlaengerungsdatum_Pflicht',
    active: true,
    description: null,
    message: 'Eine Verlängerung braucht ein Verlängerungsdatum.',
    displayField: 'Verlaengerungsdatum__c',
    condition: all(picked('Vertragsart__c', 'Verlängerung'), blank('Verlaengerungsdatum__c')),
  },
  {
    object: 'Opportunity',
    name: 'Auftragswert_nicht_negativ',
    active: true,
    description: null,
    message: 'Der Auftragswert darf nicht negativ sein.',
    displayField: 'Auftragswert__c',
    condition: { kind: 'below', field: 'Auftragswert__c', limit: 0 },
  },
  {
    object: 'Account',
    name: 'Kundennummer_Pflicht',
    active: true,
    description: 'Interessenten bekommen ihre Nummer erst aus der Warenwirtschaft',
    message: 'Kunden brauchen eine Kundennummer.',
    displayField: 'Kundennummer__c',
    condition: all({ kind: 'not', term: picked('Kundenstatus__c', 'Interessent') }, blank('Kundennummer__c')),
  },
  {
    object: 'Account',
    name: 'Segment_Pflicht_alt',
    active: false,
    description: 'Abgeschaltet, seit der Import das Segment setzt',
    message: 'Bitte ein Kundensegment wählen.',
    displayField: 'Kundensegment__c',
    condition: blank('Kundensegment__c', true),
  },
  {
    object: 'Vertrag__c',
    name: 'Ende_nach_Beginn',
    active: true,
    description: null,
    message: 'Das Vertragsende liegt vor dem Beginn.',
    displayField: null,
    condition: { kind: 'below', field: 'Ende__c', limit: { field: 'Beginn__c' } },
  },
];
