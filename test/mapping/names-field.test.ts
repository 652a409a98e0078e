import { describe, expect, it } from 'vitest';
import { namesField } from '../../src/mapping/index.ts';

const field = (name: string, label = name) => ({ name, label });

describe('whether a text names a hidden field', () => {
  const names = namesField(
    [field('Auftragswert__c', 'Auftragswert'), field('Stage', 'Stage'), field('ID', 'ID'), field('Worth', 'Net worth')],
    [field('Stage_Note__c', 'Stage note'), field('Amount__c', 'Net worth'), field('Name')],
  );

  it.each([
    'Der Auftragswert darf nicht negativ sein.',
    'Ändern des Auftragswertes: nur im Vertrieb',
    'Auftragswert_nicht_negativ',
    'AND(ISBLANK(Auftragswert__c))',
    'STAGE is set',
    'Needs a stage note, and a stage.',
    'worth',
  ])('does: %s', (text) => expect(names(text)).toBe(true));

  it.each([
    null,
    '',
    'Nothing of that.',
    // Shown fields, of which one has a hidden one's name within, and one is called like a hidden one.
    'Needs a stage note.',
    'The net amount is missing.',
    'Name it.',
    'onstage',
  ])('does not: %s', (text) => expect(names(text)).toBe(false));

  it('says no where nothing is hidden', () => expect(namesField([], [field('Name')])('Name')).toBe(false));

  it('does not tell a hidden field by the label that a shown one has, too', () => {
    expect(namesField([field('Net__c', 'Net worth')], [field('Amount__c', 'Net worth')])('Net worth')).toBe(false);
  });
});
