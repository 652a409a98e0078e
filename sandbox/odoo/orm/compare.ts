import { OdooError } from '../errors.ts';
import { isX2many, type FieldDef, type Raw } from '../schema/field.ts';
import { displayName, type Env } from './env.ts';
import { likeTest } from './like.ts';
import { asText } from './text.ts';
import { readTime, SECOND_US } from './time.ts';

export type ValueTest = (raw: Raw) => boolean;

/** `not` operators also let pass what has no value. */
export function compare(env: Env, field: FieldDef, operator: string, value: unknown): ValueTest {
  switch (operator) {
    case '=?':
      return value === false || value === null ? () => true : compare(env, field, '=', value);
    case '=':
    case '==':
      return Array.isArray(value) ? compare(env, field, 'in', value) : equals(env, field, value);
    case '!=':
    case '<>':
      return not(compare(env, field, '=', value));
    case 'in':
      return isIn(env, field, value);
    case 'not in':
      return not(isIn(env, field, value));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return inequality(env, field, operator, value);
    default:
      return text(env, field, operator, value);
  }
}

function not(test: ValueTest): ValueTest {
  return (raw) => !test(raw);
}

function isIn(env: Env, field: FieldDef, value: unknown): ValueTest {
  if (typeof value === 'boolean') return equals(env, field, value);
  if (!Array.isArray(value))
    throw new OdooError('value', `The domain term on ${field.name} should use a list with 'in'`);
  if (isX2many(field) || value.some((one) => typeof one !== 'number' || field.type === 'datetime')) {
    const tests = value.map((one) => equals(env, field, one));
    return (raw) => tests.some((test) => test(raw));
  }
  const known = new Set<unknown>(value);
  return field.type === 'many2one' ? (raw) => known.has(raw) : (raw) => known.has(raw ?? 0);
}

function equals(env: Env, field: FieldDef, value: unknown): ValueTest {
  if (isX2many(field)) return members(env, field, value);
  if (value === false || value === null) return isUnset(field);
  switch (field.type) {
    case 'many2one':
      return typeof value === 'string'
        ? (raw) => typeof raw === 'number' && displayName(env.org, field.relation ?? '', raw) === value
        : (raw) => raw === value;
    case 'boolean':
      return (raw) => (raw ?? false) === (value === true || value === 1);
    case 'integer':
    case 'float':
    case 'monetary':
    case 'many2one_reference':
      return (raw) => (raw ?? 0) === Number(value);
    case 'datetime': {
      const { us } = readTime(field, value);
      // Since 19 datetimes are compared as people see them, by the second; before, by the microsecond.
      return env.org.version >= 19
        ? (raw) => typeof raw === 'number' && raw >= us && raw < us + SECOND_US
        : (raw) => raw === us;
    }
    default:
      return (raw) => raw === value;
  }
}

function members(env: Env, field: FieldDef, value: unknown): ValueTest {
  if (value === false || value === null) return (raw) => !Array.isArray(raw) || raw.length === 0;
  if (typeof value === 'string') {
    return (raw) =>
      Array.isArray(raw) && raw.some((id: number) => displayName(env.org, field.relation ?? '', id) === value);
  }
  return (raw) => Array.isArray(raw) && raw.includes(value);
}

function isUnset(field: FieldDef): ValueTest {
  if (field.type === 'boolean') return (raw) => raw !== true;
  if (['integer', 'float', 'monetary'].includes(field.type)) return (raw) => raw === null || raw === 0;
  return (raw) => raw === null || raw === '';
}

function inequality(env: Env, field: FieldDef, operator: '<' | '<=' | '>' | '>=', value: unknown): ValueTest {
  if (isX2many(field)) throw new OdooError('value', `Invalid operator ${operator} on ${field.name}`);
  if (value === false || value === null) return () => false;
  if (field.type !== 'datetime') {
    const numeric = ['integer', 'float', 'monetary', 'many2one_reference', 'many2one'].includes(field.type);
    const bound = numeric ? Number(value) : asText(value);
    return (raw) =>
      raw === null
        ? numeric && field.type !== 'many2one' && ordered(0, operator, bound)
        : ordered(raw, operator, bound);
  }
  const { us, wholeDay } = readTime(field, value);
  // Days end at their last second. Since 19 seconds, too, are taken whole; before, 10:00:00.5 was after 10:00:00.
  const step = wholeDay ? 86_400 * SECOND_US : env.org.version >= 19 ? SECOND_US : 0;
  if (operator === '>' && step > 0) return (raw) => raw !== null && Number(raw) >= us + step;
  if (operator === '<=' && step > 0) return (raw) => raw !== null && Number(raw) < us + step;
  return (raw) => raw !== null && ordered(raw, operator, us);
}

function ordered(raw: Raw, operator: '<' | '<=' | '>' | '>=', bound: number | string): boolean {
  if (raw === null || Array.isArray(raw)) return false;
  if (operator === '<') return raw < bound;
  if (operator === '<=') return raw <= bound;
  return operator === '>' ? raw > bound : raw >= bound;
}

function text(env: Env, field: FieldDef, operator: string, value: unknown): ValueTest {
  const negative = operator.startsWith('not ');
  const matches = likeTest(negative ? operator.slice(4) : operator, value);
  const named = (id: number): boolean => matches(displayName(env.org, field.relation ?? '', id));
  const test: ValueTest = (raw) => {
    if (raw === null) return value === '';
    if (Array.isArray(raw)) return raw.some(named);
    if (field.type === 'many2one') return typeof raw === 'number' && named(raw);
    return matches(String(raw));
  };
  return negative ? not(test) : test;
}
