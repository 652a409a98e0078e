import { GantryError, type Json } from '../../kernel/index.ts';
import type { IntendedRecord } from '../types.ts';
import { stepResult } from './step-result.ts';

/** A plain write (with `object`), or an operation or intent (without). */
export interface StepRequest {
  readonly operation: string;
  readonly object?: string;
  readonly to?: string;
  readonly records: readonly (IntendedRecord & { readonly input?: { readonly [name: string]: Json } })[];
}

/** A value can be the result of a step that comes before, and that makes or changes the record. */
export function checkResults(steps: readonly StepRequest[], index: number): void {
  for (const [at, { values, input }] of (steps[index]?.records ?? []).entries()) {
    for (const [name, value] of Object.entries({ ...values, ...input })) {
      const result = stepResult(value);
      if (result === null) continue;
      const source = result.step < index ? steps[result.step] : undefined;
      if (source !== undefined && source.operation !== 'delete' && result.record < source.records.length) continue;
      throw new GantryError('bad_request', {
        message: `"${name.slice(0, 100)}" is the result of a record that no earlier step writes.`,
        where: `records[${String(index)}].records[${String(at)}].${name.slice(0, 100)}`,
        fix: 'Steps and records count from 0; a step uses results of steps before it.',
      });
    }
  }
}

/** The same error, with the step in `where`. */
export function inStep(error: GantryError, index: number): GantryError {
  const { where } = error.details;
  const at = `records[${String(index)}]`;
  return new GantryError(error.code, {
    ...error.details,
    message: error.message,
    where: where === undefined ? at : `${at}.${where}`,
    cause: error,
  });
}
