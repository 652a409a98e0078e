import { canonicalJson, GantryError, suggest, type Json } from '../../kernel/index.ts';
import type { Operation, OperationInput } from '../../manifest/index.ts';
import { stepResult } from '../steps/step-result.ts';
import { fitsInput } from './fits-input.ts';
import type { OperationRequest } from './operation-request.ts';

export interface InputPlace {
  readonly where: string;
  /** A value may be what an earlier step makes. */
  readonly inSteps: boolean;
}

/** Input as the operation declares it, defaults included. Raises `bad_request`. */
export function readInput(
  { input: declared }: Pick<Operation, 'input'>,
  given: { readonly [name: string]: Json },
  { where, inSteps }: InputPlace,
): ReadonlyMap<string, Json> {
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
    const said = given[each.name];
    const isResult = inSteps && each.type === 'string' && said !== undefined && stepResult(said) !== null;
    const value = isResult ? said : inputValue(each, said, `${where}.${each.name}`);
    if (value !== undefined) input.set(each.name, value);
  }
  return input;
}

/** Of an operation that has one input for all of its records: each that has any has the same. Raises `bad_request`. */
export function inputOf(operation: Operation, records: OperationRequest['records']): { readonly [name: string]: Json } {
  const given = records.flatMap(({ input }, index) => (input === undefined ? [] : [{ input, index }]));
  const [first] = given;
  const other = given.find(({ input }) => canonicalJson(input) !== canonicalJson(first?.input ?? {}));
  if (other !== undefined) {
    throw new GantryError('bad_request', {
      message: 'The operation has one input for all of its records.',
      where: `records[${String(other.index)}].input`,
      fix: 'Give the same input everywhere, or run the operation once for each.',
    });
  }
  const place = { where: `records[${String(first?.index ?? 0)}].input`, inSteps: false };
  return Object.fromEntries(readInput(operation, first?.input ?? {}, place));
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
  if (fitsInput(input, value)) return value;
  throw new GantryError('bad_request', {
    message: `"${input.name}" is of type ${input.type}; this is none of its values.`,
    where,
    fix: `Give a value of type ${input.type}.`,
    ...(input.values === null ? {} : { allowed: input.values }),
    ...(input.values === null || typeof value !== 'string' ? {} : { suggestions: suggest(value, input.values) }),
  });
}
