import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../src/connectors/index.ts';
import { nativeField } from '../../src/connectors/salesforce/native-field.ts';

const file = new URL('../../src/connectors/salesforce/connector.yaml', import.meta.url);
const declaration = parseDeclaration(readFileSync(file, 'utf8'), 'salesforce');

describe('a field of a describe answer', () => {
  it('that is kept for programs of before alone is deprecated; any other says nothing of it', () => {
    const entry = { name: 'OldId__c', label: 'Old id', type: 'string', length: 18, createable: true, updateable: true };
    expect(nativeField(declaration, { ...entry, deprecatedAndHidden: true })).toMatchObject({ deprecated: true });
    expect(nativeField(declaration, { ...entry, deprecatedAndHidden: false })).not.toHaveProperty('deprecated');
    expect(nativeField(declaration, entry)).not.toHaveProperty('deprecated');
  });
});
