import { GantryError, suggest, type Json } from '../../kernel/index.ts';
import type { Manifest, Operation, OperationInput, SavedQueryParam } from '../../manifest/index.ts';
import type { IntendedRecord, WriteIntent, WritePlan } from '../types.ts';
import { planWrite } from './plan-write.ts';
import type { Asker, PlanPorts } from './ports.ts';

/** An operation of the manifest, as an agent runs it. */
export interface OperationRequest {
  /** `<model>.<name>` */
  readonly operation: string;
  readonly to?: string;
  readonly records: readonly (Pick<IntendedRecord, 'id' | 'match'> & {
    readonly input?: { readonly [name: string]: Json };
  })[];
  readonly reason?: string;
}

/**
 * A plan of an operation: what it sets is the manifest's, what goes into it the
 * agent's. Raises `operation_unknown`, also for one that the agent may not run,
 * `bad_request` for wrong input, and what planWrite raises.
 */
export async function planOperation(ports: PlanPorts, asker: Asker, request: OperationRequest): Promise<WritePlan> {
  const { model, operation } = operationNamed(asker, request.operation);
  const records = request.records.map(({ id, match, input = {} }, index): IntendedRecord => {
    const values = valuesOf(operation, input, `records[${String(index)}].input`);
    return {
      ...(id === undefined ? {} : { id }),
      ...(match === undefined ? {} : { match }),
      ...(operation.on === 'delete' ? {} : { values }),
    };
  });
  const { to, reason } = request;
  const intent: WriteIntent = {
    operation: operation.on,
    object: model,
    records,
    intent: request.operation,
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
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
    suggestions: suggest(name, granted),
    allowed: granted.slice(0, 30),
  });
}

function valuesOf(
  { sets, input: declared }: Operation,
  given: { readonly [name: string]: Json },
  where: string,
): { readonly [field: string]: Json } {
  for (const name of Object.keys(given)) {
    if (declared.has(name)) continue;
    throw new GantryError('bad_request', {
      message: `The operation has no input "${name.slice(0, 100)}".`,
      where: `${where}.${name.slice(0, 100)}`,
      suggestions: suggest(name, declared.keys()),
      allowed: [...declared.keys()],
    });
  }
  const input = new Map<string, Json>();
  for (const each of declared.values()) {
    const value = inputValue(each, given[each.name], `${where}.${each.name}`);
    if (value !== undefined) input.set(each.name, value);
  }
  const values: { [field: string]: Json } = {};
  for (const [field, set] of sets) {
    if (set.kind === 'value') values[field] = set.value;
    else {
      const value = input.get(set.name);
      // What may be left out, and is, changes nothing.
      if (value !== undefined) values[field] = value;
    }
  }
  return values;
}

function inputValue(input: OperationInput, given: Json | undefined, where: string): Json | undefined {
  const value = given ?? input.default ?? undefined;
  if (value === undefined) {
    if (!input.required) return undefined;
    throw new GantryError('bad_request', {
      message: `The operation needs "${input.name}"${input.why === null ? '' : `: ${input.why}`}.`,
      where,
      fix: `Give a value of type ${input.type}.`,
    });
  }
  if (fits(input, value)) return value;
  throw new GantryError('bad_request', {
    message: `"${input.name}" is of type ${input.type}; this is none of its values.`,
    where,
    fix: `Give a value of type ${input.type}.`,
    ...(input.values === null ? {} : { allowed: input.values }),
    ...(input.values === null || typeof value !== 'string' ? {} : { suggestions: suggest(value, input.values) }),
  });
}

function fits({ type, values }: SavedQueryParam, value: Json): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case 'datetime':
      return (
        typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(value)
      );
    case 'enum':
      return typeof value === 'string' && values?.includes(value) === true;
  }
}
