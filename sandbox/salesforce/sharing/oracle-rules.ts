import type { Value } from '../schema/field.ts';
import type { Criterion } from './state.ts';

/** Section "Sharing rules": one condition of a criteria-based rule. */
export function isMet({ operator, value: wanted }: Criterion, value: Value): boolean {
  const given = value === '' ? null : value;
  const asked = wanted === '' ? null : wanted;
  if (operator === 'equals') return given === asked;
  if (operator === 'notEqual') return given !== asked;
  if (given === null || asked === null) return false;
  if (operator === 'contains') return typeof given === 'string' && given.split(String(asked)).length > 1;
  if (operator === 'startsWith') return typeof given === 'string' && given.slice(0, String(asked).length) === asked;
  if (typeof given !== typeof asked || typeof given === 'boolean') return false;
  if (operator === 'lessThan') return given < asked;
  if (operator === 'lessOrEqual') return given <= asked;
  return operator === 'greaterThan' ? given > asked : given >= asked;
}
