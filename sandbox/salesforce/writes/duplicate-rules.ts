import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { saveError, type SaveError } from './save-error.ts';
import type { ValueIndexes } from './value-index.ts';

/** A record whose field has the value of another one's is kept back; `alert`: unless the caller insists. */
export interface DuplicateRule {
  readonly object: string;
  readonly field: string;
  readonly action: 'block' | 'alert';
}

export interface DuplicateRules {
  /** `POST /__sandbox/duplicate-rules`: `{rules: [{object, field, action}, ...]}` puts these in place of those before. */
  change(input: Readonly<Record<string, unknown>>): unknown;
  /** Null: no rule speaks against the record; `row` is its own. */
  check(object: string, read: (storage: string) => Value, row: number | null, allowSave: boolean): SaveError | null;
}

export function createDuplicateRules(org: Org, indexes: ValueIndexes): DuplicateRules {
  let rules: readonly DuplicateRule[] = [];
  return {
    change: ({ rules: given }) => {
      if (!Array.isArray(given))
        throw new ControlError('duplicate-rules wants {rules: [{object, field, action}, ...]}');
      rules = given.map((rule: unknown) => readRule(org, Object(rule) as Readonly<Record<string, unknown>>));
      return { rules };
    },
    check: (object, read, row, allowSave) => {
      for (const rule of rules) {
        if (rule.object !== object || (rule.action === 'alert' && allowSave)) continue;
        const field = org.schema.field(object, rule.field);
        const value = field === undefined ? null : read(field.storage);
        if (field === undefined || typeof value !== 'string' || value === '') continue;
        if (indexes.find(object, field, value).some((one) => one !== row))
          return saveError('DUPLICATES_DETECTED', 'Use one of these records?');
      }
      return null;
    },
  };
}

function readRule(org: Org, { object, field, action = 'block' }: Readonly<Record<string, unknown>>): DuplicateRule {
  const def = typeof object === 'string' ? org.schema.object(object) : undefined;
  const known = def === undefined || typeof field !== 'string' ? undefined : org.schema.field(def.name, field);
  if (def === undefined || known === undefined)
    throw new ControlError(`no field ${String(field)} of ${String(object)}`);
  if (action !== 'block' && action !== 'alert') throw new ControlError('action must be block or alert');
  return { object: def.name, field: known.name, action };
}
