import { OdooError } from '../errors.ts';
import type { Method } from './methods.ts';

/** What Python's `signature.bind` says when arguments do not fit. */
export function bindingProblem(method: Method, args: Readonly<Record<string, unknown>>): string | null {
  const extra = Object.keys(args).find((name) => !method.params.includes(name));
  if (extra !== undefined) return `got an unexpected keyword argument '${extra}'`;
  const missing = method.params.slice(0, method.required).find((name) => !(name in args));
  return missing === undefined ? null : `missing a required argument: '${missing}'`;
}

/** Arguments in order and by name, as `execute_kw` takes them; the first is the ids unless called on the model. */
export function bindPositional(
  method: Method,
  name: string,
  positional: readonly unknown[],
  keywords: Readonly<Record<string, unknown>>,
): { readonly ids: readonly number[]; readonly args: Readonly<Record<string, unknown>> } {
  const [first, ...others] = positional;
  const given = method.onModel ? positional : others;
  if (given.length > method.params.length) {
    throw new OdooError(
      'type',
      `${name}() takes ${method.params.length + 1} positional arguments but ${given.length + 1} were given`,
    );
  }
  const args: Record<string, unknown> = { ...keywords };
  for (const [at, value] of given.entries()) args[method.params[at] ?? ''] = value;
  const problem = bindingProblem(method, args);
  if (problem !== null) throw new OdooError('type', `${name}() ${problem}`);
  return { ids: method.onModel ? [] : idList(first), args };
}

export function idList(value: unknown): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((id) => {
    if (typeof id === 'number') return id;
    throw new OdooError('type', `ids must be numbers, not ${JSON.stringify(value)}`);
  });
}
