import { intents } from '../../connectors/index.ts';
import { GantryError, suggest, type Json } from '../../kernel/index.ts';
import type { Manifest, Operation } from '../../manifest/index.ts';
import type { IntendedRecord, WriteIntent, WritePlan } from '../types.ts';
import { planIntent } from '../intents/plan-intent.ts';
import type { OperationRequest } from './operation-request.ts';
import { planWrite } from './plan-write.ts';
import { planCode } from './plan-code.ts';
import type { Asker, PlanPorts } from './ports.ts';
import { readInput, type InputPlace } from './read-operation-input.ts';

/**
 * A plan of an operation: what it sets is the manifest's, what goes into it the
 * agent's. Raises `operation_unknown`, also for one that the agent may not run,
 * `bad_request` for wrong input, and what planWrite raises.
 */
export async function planOperation(ports: PlanPorts, asker: Asker, request: OperationRequest): Promise<WritePlan> {
  const intended = intents.get(request.operation);
  if (intended !== undefined) return planIntent(ports, asker, intended, request);
  const { model, operation } = operationNamed(asker, request.operation);
  const { code } = operation;
  if (code !== undefined) return planCode(ports, asker, request, { model, operation, code });
  const records = request.records.map(({ id, match, input = {} }, index): IntendedRecord => {
    const values = valuesOf(operation, input, {
      where: `records[${String(index)}].input`,
      inSteps: request.after !== undefined,
    });
    return {
      ...(id === undefined ? {} : { id }),
      ...(match === undefined ? {} : { match }),
      ...(operation.on === 'delete' ? {} : { values }),
    };
  });
  const { to, reason, after } = request;
  const intent: WriteIntent = {
    operation: operation.on,
    object: model,
    records,
    intent: request.operation,
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
    ...(after === undefined ? {} : { after }),
  };
  return planWrite(ports, asker, intent, operation);
}

/** What a plan's `intent` names, as the manifest has it now. */
export const operationOf = ({ models }: Pick<Manifest, 'models'>, name: string): Operation | null => {
  const [model = '', operation = ''] = name.split('.');
  return models.get(model)?.operations?.get(operation) ?? null;
};

function operationNamed(
  { agent, manifest }: Asker,
  name: string,
): { readonly model: string; readonly operation: Operation } {
  const granted = agent.grant.operations ?? [];
  const operation = granted.includes(name) ? operationOf(manifest, name) : null;
  if (operation !== null) return { model: name.slice(0, name.indexOf('.')), operation };
  throw new GantryError('operation_unknown', {
    message: `There is no operation "${name.slice(0, 200)}" for you.`,
    where: 'operation',
    suggestions: suggest(name, [...granted, ...intents.keys()]),
    allowed: [...granted.slice(0, 30), ...intents.keys()],
  });
}

function valuesOf(
  operation: Operation,
  given: { readonly [name: string]: Json },
  place: InputPlace,
): { readonly [field: string]: Json } {
  const input = readInput(operation, given, place);
  const values: { [field: string]: Json } = {};
  for (const [field, set] of operation.sets) {
    if (set.kind === 'value') values[field] = set.value;
    else {
      const value = input.get(set.name);
      // What may be left out, and is, changes nothing.
      if (value !== undefined) values[field] = value;
    }
  }
  return values;
}
