import type { WriteOperation } from '../../connectors/index.ts';
import { GantryError, limits, type Json } from '../../kernel/index.ts';
import type { OperationRequest } from '../plan/operation-request.ts';
import { planOperation } from '../plan/plan-operation.ts';
import { planWrite } from '../plan/plan-write.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import type { IntendedRecord, WritePlan } from '../types.ts';
import { mergeSteps } from './merge-steps.ts';
import { stepResult } from './step-result.ts';

/** Each step is a plain write (with `object`), or an operation or intent (without). */
export interface StepsRequest {
  readonly steps: readonly StepRequest[];
  readonly reason?: string;
}

export interface StepRequest {
  readonly operation: string;
  readonly object?: string;
  readonly to?: string;
  readonly records: readonly (IntendedRecord & { readonly input?: { readonly [name: string]: Json } })[];
}

/**
 * One plan of several writes, in order, in one system or in several: shown,
 * decided on and approved as a whole. A step begins when the one before has
 * wholly succeeded. Raises what planWrite and planOperation raise, with the
 * step in `where`.
 */
export async function planSteps(ports: PlanPorts, asker: Asker, { steps, reason }: StepsRequest): Promise<WritePlan> {
  const records = steps.reduce((sum, step) => sum + step.records.length, 0);
  if (steps.length < 2 || steps.length > limits.planStepsMax || records > limits.planRecordsMax) {
    throw new GantryError('write_too_large', {
      message: `A plan in steps has 2 to ${String(limits.planStepsMax)} of them, and at most ${String(limits.planRecordsMax)} records in all.`,
      where: 'records',
    });
  }
  const plans: WritePlan[] = [];
  for (const [index, step] of steps.entries()) {
    checkResults(steps, index);
    try {
      plans.push(await planStep(ports, asker, step, { after: index, ...(reason === undefined ? {} : { reason }) }));
    } catch (error) {
      throw error instanceof GantryError ? inStep(error, index) : error;
    }
  }
  return mergeSteps(ports, plans);
}

const verbs: ReadonlySet<string> = new Set<WriteOperation>(['create', 'update', 'upsert', 'delete']);
const isVerb = (operation: string): operation is WriteOperation => verbs.has(operation);

function planStep(
  ports: PlanPorts,
  asker: Asker,
  { operation, object, to, records }: StepRequest,
  more: { readonly after: number; readonly reason?: string },
): Promise<WritePlan> {
  const common = { ...more, ...(to === undefined ? {} : { to }) };
  if (object !== undefined && isVerb(operation)) {
    const written = records.map(({ input: _input, ...record }) => record);
    return planWrite(ports, asker, { ...common, operation, object, records: written });
  }
  if (object === undefined && !isVerb(operation)) {
    const run: OperationRequest = { ...common, operation, records };
    return planOperation(ports, asker, run);
  }
  throw new GantryError('bad_request', {
    message: isVerb(operation)
      ? `${operation} needs an \`object\`.`
      : `${operation.slice(0, 100)} takes no \`object\`.`,
    where: 'object',
  });
}

/** A value can be the result of a step that comes before, and that makes or changes the record. */
function checkResults(steps: readonly StepRequest[], index: number): void {
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

function inStep(error: GantryError, index: number): GantryError {
  const { where } = error.details;
  const at = `records[${String(index)}]`;
  return new GantryError(error.code, {
    ...error.details,
    message: error.message,
    where: where === undefined ? at : `${at}.${where}`,
    cause: error,
  });
}
