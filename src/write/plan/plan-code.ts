import * as z from 'zod';
import { GantryError, limits, type Json } from '../../kernel/index.ts';
import type { Operation, OperationCode } from '../../manifest/index.ts';
import { mergeSteps } from '../steps/merge-steps.ts';
import { checkResults, inStep, type StepRequest } from '../steps/check-results.ts';
import type { WritePlan } from '../types.ts';
import type { OperationRequest } from './operation-request.ts';
import { checkSize, planWrite } from './plan-write.ts';
import type { Asker, PlanPorts } from './ports.ts';
import { inputOf } from './read-operation-input.ts';

/**
 * A plan of an operation in TypeScript: the function is given the input, the
 * records as the caller is shown them and the day, and what it returns is
 * planned like any other write; within what the operation declares that it
 * writes. It runs here and never again: the plan has what it returned. Raises
 * `bad_request`, `not_found`, `operation_refused`, `operation_failed`,
 * `operation_timeout`, `operation_result_invalid`, and what planWrite raises.
 */
export async function planCode(
  ports: PlanPorts,
  asker: Asker,
  request: OperationRequest,
  named: { readonly model: string; readonly operation: Operation; readonly code: OperationCode },
): Promise<WritePlan> {
  const { operation, code } = named;
  if (request.after !== undefined) {
    throw new GantryError('bad_request', {
      message: `${request.operation} says its own steps, and is no step of another plan.`,
      where: 'operation',
      fix: 'Run it by itself.',
    });
  }
  checkSize(request);
  const input = inputOf(operation, request.records);
  const records = await shownRecords(ports, asker, request, named);
  const today = ports.now.toISOString().slice(0, 10);
  const value = await ports.runCode(code, { operation: request.operation, given: { input, records, today } });
  const steps = stepsIn(value, request.operation, code);
  const plans: WritePlan[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      checkResults(steps, index);
      plans.push(await planStep(ports, asker, step, { named, request, after: steps.length === 1 ? null : index }));
    } catch (error) {
      throw error instanceof GantryError && steps.length > 1 ? inStep(error, index) : error;
    }
  }
  const [only] = plans;
  return only !== undefined && plans.length === 1 ? only : mergeSteps(ports, plans, code.onFailure);
}

function planStep(
  ports: PlanPorts,
  asker: Asker,
  step: StepRequest & { readonly object: string; readonly operation: Operation['on'] },
  about: {
    readonly named: { readonly model: string; readonly operation: Operation };
    readonly request: OperationRequest;
    readonly after: number | null;
  },
): Promise<WritePlan> {
  const { named, request, after } = about;
  const isOwn = step.object === named.model;
  const intent = {
    ...step,
    intent: request.operation,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    ...(after === null ? {} : { after }),
  };
  // What is said of records of the model holds for those, whatever else is written.
  const { impact, preconditions } = named.operation;
  const own = isOwn
    ? { impact, preconditions }
    : { impact: null, preconditions: preconditions.filter(({ where }) => where === null) };
  return planWrite(ports, asker, intent, { ...named.operation, ...own, on: step.operation });
}

/** Fields that it reads, as far as the caller is shown them. */
async function shownRecords(
  { locate }: Pick<PlanPorts, 'locate'>,
  { caller }: Asker,
  { records, operation }: OperationRequest,
  { model, code }: { readonly model: string; readonly code: OperationCode },
): Promise<Json[]> {
  const ids = records.flatMap(({ id }, index) => {
    const where = `records[${String(index)}]`;
    if (!code.takesRecords && id === undefined) return [];
    if (code.takesRecords && id !== undefined) return [id];
    throw new GantryError('bad_request', {
      message: code.takesRecords
        ? `${operation} is about records: each is named by its \`id\`.`
        : `${operation} is about no record.`,
      where,
    });
  });
  if (ids.length === 0) return [];
  const visible = caller.objects.get(model);
  const fields = code.reads.filter((field) => visible?.fields.has(field) === true);
  const found = await locate(caller, { object: model, by: { kind: 'id' }, wanted: ids, fields });
  return ids.map((id, index) => {
    const rows = found.filter(({ asked }) => asked === id);
    const [row] = rows;
    if (row !== undefined && rows.length === 1) return { id, values: { ...row.values } };
    throw new GantryError('not_found', {
      message:
        row === undefined ? `There is no ${model} "${id.slice(0, 200)}" for you.` : 'Several records have that id.',
      where: `records[${String(index)}].id`,
    });
  });
}

const values = z.record(z.string(), z.json());
const returned = z.array(
  z.strictObject({
    operation: z.enum(['create', 'update', 'upsert', 'delete']),
    object: z.string(),
    to: z.string().exactOptional(),
    records: z
      .array(
        z.strictObject({
          id: z.string().exactOptional(),
          match: values.exactOptional(),
          values: values.exactOptional(),
        }),
      )
      .min(1),
  }),
);

function stepsIn(value: Json, operation: string, code: OperationCode): z.infer<typeof returned> {
  const invalid = (message: string): GantryError =>
    new GantryError('operation_result_invalid', { message: `${operation} ${message}`, where: code.file });
  const read = returned.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw invalid(`returned no list of writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const records = read.data.reduce((sum, step) => sum + step.records.length, 0);
  if (read.data.length === 0) throw invalid('returned no write.');
  if (read.data.length > limits.planStepsMax || records > limits.planRecordsMax) {
    throw invalid(
      `returned more than ${String(limits.planStepsMax)} steps, or ${String(limits.planRecordsMax)} records.`,
    );
  }
  for (const { operation: verb, object } of read.data) {
    if (code.writes.get(object)?.includes(verb) === true) continue;
    throw invalid(`returned ${verb} of ${object.slice(0, 100)}, which it does not declare under \`writes\`.`);
  }
  return read.data;
}
