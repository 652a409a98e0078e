import { field, reference, type FieldDef } from './field.ts';
import { nameText, owner, withSystemFields, type ObjectDef } from './object.ts';

export const WIDE_OBJECT = 'Wide_Object__c';
/** Custom fields that a wide object may have; the platform stops at 800 in its largest editions. */
export const wideBounds = { min: 10, max: 800 };

/** Longest text that the platform keeps in one field. */
export const LONG_TEXT_MAX = 131_072;

const STEPS = ['Neu', 'Geprüft', 'Freigegeben', 'In Arbeit', 'Wartet', 'Erledigt', 'Abgelehnt', 'Archiviert'];

/** An object as wide as the ones that grew for twenty years; types take turns. */
export function wideObject(columns: number): ObjectDef {
  const own = Array.from({ length: columns - 3 }, (_empty, at) => wideField(at));
  return {
    name: WIDE_OBJECT,
    label: 'Breites Objekt',
    plural: 'Breite Objekte',
    keyPrefix: 'a9W',
    sort: 'custom',
    queryable: true,
    writable: true,
    fields: withSystemFields([
      owner,
      nameText('Breites Objekt Name'),
      reference('Konto__c', 'Konto', 'Account', 'Breite_Objekte__r'),
      ...own,
      longText('Notiz__c', 'Notiz'),
      longText('Verlauf__c', 'Verlauf'),
    ]),
  };
}

export function longText(name: string, label: string): FieldDef {
  return field(name, label, 'textarea', { length: LONG_TEXT_MAX, extraTypeInfo: 'plaintextarea' });
}

function wideField(at: number): FieldDef {
  const number = String(at + 1).padStart(3, '0');
  const make = (type: FieldDef['type'], label: string, extra: Partial<FieldDef> = {}): FieldDef =>
    field(`${label}_${number}__c`, `${label} ${number}`, type, extra);
  switch (at % 10) {
    case 4:
      return make('picklist', 'Schritt', { picklist: STEPS });
    case 5:
      return make('currency', 'Betrag', { precision: 18, scale: 2 });
    case 6:
      return make('double', 'Anzahl', { precision: 12, scale: 0 });
    case 7:
      return make('date', 'Datum');
    case 8:
      return make('boolean', 'Kennzeichen');
    case 9:
      return make('datetime', 'Zeitpunkt');
    default:
      return make('string', 'Text', { length: 80 });
  }
}
