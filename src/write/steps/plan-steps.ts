import type { WriteOperation } from '../../connectors/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import type { OperationRequest } from '../plan/operation-request.ts';
import { planOperation } from '../plan/plan-operation.ts';
import { planWrite } from '../plan/plan-write.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import type { OnFailure, WritePlan } from '../types.ts';
import { checkResults, inStep, type StepRequest } from './check-results.ts';
import { mergeSteps } from './merge-steps.ts';

/** Each step is a plain write (with `object`), or an operation or intent (without). */
export interface StepsRequest {
  readonly steps: readonly StepRequest[];
  readonly reason?: string;
  /** Absent: `stop`. */
  readonly onFailure?: OnFailure;
}

/**
 * One plan of several writes, in order, in one system or in several: shown,
 * decided on and approved as a whole. A step begins when the one before has
 * wholly succeeded. Raises what planWrite and planOperation raise, with the
 * step in `where`.
 */
export async function planSteps(ports: PlanPorts, asker: Asker, request: StepsRequest): Promise<WritePlan> {
  const { steps, reason, onFailure = 'stop' } = request;
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
  return mergeSteps(ports, plans, onFailure);
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
