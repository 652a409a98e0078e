import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import type { RecordedCall } from './recorder.ts';

type Json = Readonly<Record<string, unknown>>;
type Schemas = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly schema?: Json;
}

export interface Operation {
  readonly method: string;
  readonly template: string;
  readonly description: string;
  /** In queries only. */
  readonly parameters: readonly Parameter[];
  /** Of a 200 answer in JSON; null where the document has none. */
  readonly response: Json | null;
}

/** What a folder of OpenAPI documents says, all of its files together. */
export interface Contract {
  /** The operation that a call is, by method and path; the template with the fewest variables wins. */
  operationOf(call: RecordedCall): Operation | null;
  /** What in the call's query the contract does not have. */
  queryProblems(operation: Operation, query: URLSearchParams): readonly string[];
  /** What in a JSON answer does not fit, as the validator says it; null if it fits. */
  answerProblem(operation: Operation, body: unknown): string | null;
}

export interface ContractOptions {
  readonly folder: string;
  /** Ends of the names of the documents. */
  readonly suffix: string;
  /** Parameters that documents refer to by a name and do not contain. */
  readonly referred: Readonly<Record<string, Parameter>>;
  /** Parameters that every list takes, by the provider's page on paging. */
  readonly everywhere: readonly Parameter[];
  /** Schemas under names that other documents use for them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** A path as the documents write it. */
  readonly normalised: (path: string) => string;
}

export function loadContract(options: ContractOptions): Contract {
  const operations: Operation[] = [];
  const schemas: Schemas = {};
  for (const file of readdirSync(options.folder).filter((name) => name.endsWith(options.suffix))) {
    const document = parse(readFileSync(`${options.folder}${file}`, 'utf8')) as {
      paths?: Record<string, Record<string, unknown>>;
      components?: { schemas?: Schemas };
    };
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) schemas[name] ??= schema;
    for (const [template, item] of Object.entries(document.paths ?? {}))
      operations.push(...operationsOf(template, item, options.referred));
  }
  for (const [alias, name] of Object.entries(options.aliases)) schemas[alias] ??= schemas[name];
  const sorted = operations.toSorted((a, b) => variables(a) - variables(b));
  const validate = validator(schemas);
  return {
    operationOf: ({ method, path }) =>
      sorted.find((one) => one.method === method && matches(one.template, options.normalised(path))) ?? null,
    queryProblems: (operation, query) => queryProblems([...operation.parameters, ...options.everywhere], query),
    answerProblem: (operation, body) => (operation.response === null ? null : validate(operation.response, body)),
  };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

function operationsOf(
  template: string,
  item: Readonly<Record<string, unknown>>,
  referred: ContractOptions['referred'],
): readonly Operation[] {
  return METHODS.flatMap((method) => {
    const operation = item[method] as Json | undefined;
    if (operation === undefined) return [];
    const parameters = [item['parameters'], operation['parameters']]
      .flatMap((list) => (list ?? []) as readonly (Parameter | { $ref: string })[])
      .flatMap((one) => ('$ref' in one ? (referred[one.$ref.split('/').at(-1) ?? ''] ?? []) : [one]))
      .filter((one) => one.in === 'query');
    const answers = operation['responses'] as
      Record<string, { content?: Record<string, { schema?: Json }> }> | undefined;
    return [
      {
        method: method.toUpperCase(),
        template,
        description: typeof operation['description'] === 'string' ? operation['description'] : '',
        parameters,
        response: answers?.['200']?.content?.['application/json']?.schema ?? null,
      },
    ];
  });
}

function variables({ template }: Operation): number {
  return template.split('{').length - 1;
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, at) => part === given[at] || /^\{\w+\}$/.test(part));
}

function queryProblems(parameters: readonly Parameter[], query: URLSearchParams): readonly string[] {
  const unknown = [...query.keys()].filter((name) => !parameters.some((one) => one.name === name));
  const missing = parameters.filter(({ name, required }) => required === true && !query.has(name));
  const wrong = parameters.flatMap(({ name, schema }) =>
    query.getAll(name).flatMap((value) => {
      const problem = valueProblem(schema ?? {}, value);
      return problem === null ? [] : [`${name}=${value} ${problem}`];
    }),
  );
  return [
    ...unknown.map((name) => `${name} is not documented`),
    ...missing.map(({ name }) => `${name} is missing`),
    ...wrong,
  ];
}

function valueProblem(schema: Json, value: string): string | null {
  const { type, enum: allowed, minimum, maximum } = schema;
  if (Array.isArray(allowed) && !allowed.map(String).includes(value)) return `is none of ${allowed.join(', ')}`;
  if (type === 'integer' && !/^-?\d+$/.test(value)) return 'is no whole number';
  if (type === 'boolean' && value !== 'true' && value !== 'false') return 'is neither true nor false';
  if (typeof minimum === 'number' && Number(value) < minimum) return `is less than ${minimum}`;
  return typeof maximum === 'number' && Number(value) > maximum ? `is more than ${maximum}` : null;
}

/** Validates against a schema and all that it refers to; names that no document has stand for anything. */
function validator(schemas: Schemas): (schema: Json, value: unknown) => string | null {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const compiled = new Map<Json, ReturnType<typeof ajv.compile>>();
  return (schema, value) => {
    let check = compiled.get(schema);
    if (check === undefined) {
      const reached = reachable(schemas, schema);
      check = ajv.compile({ ...(withNull(schema) as Json), components: { schemas: withNull(reached) } });
      compiled.set(schema, check);
    }
    return check(value) ? null : ajv.errorsText(check.errors);
  };
}

function reachable(schemas: Schemas, start: unknown): Schemas {
  const found: Schemas = {};
  const waiting: unknown[] = [start];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const [, name] of JSON.stringify(node).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name === undefined || found[name] !== undefined) continue;
      found[name] = schemas[name] ?? {};
      waiting.push(found[name]);
    }
  }
  return found;
}

/** OpenAPI 3.0's `nullable` as JSON Schema says it. */
function withNull(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNull);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, example: _example, ...rest } = node as Json;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNull(value)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, copy] } : copy;
}
