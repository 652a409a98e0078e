import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { meets } from './condition.ts';
import { validationRules } from './validation-rules.ts';

/** An error of a save as the REST API writes it. */
export interface SaveError {
  readonly message: string;
  readonly errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION';
  readonly fields: readonly string[];
}

/** What the active rules of an object find wrong with a record; `read` gives its values by storage name. */
export function validationErrors(
  schema: Schema,
  object: ObjectDef,
  read: (storage: string) => Value,
): readonly SaveError[] {
  return validationRules
    .filter((rule) => rule.active && rule.object === object.name && meets(rule.condition, read))
    .map((rule) => {
      const shown = schema.object(rule.object)?.fields.find((field) => field.storage === rule.displayField);
      return {
        message: rule.message,
        errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        fields: shown === undefined ? [] : [shown.name],
      };
    });
}
