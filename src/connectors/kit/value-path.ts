import type { Json, JsonObject } from '../../kernel/index.ts';

/** The value at `a.0.b`, or undefined where the way ends. The empty path is the whole value. */
export function readPath(value: Json, path: string): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path === '' ? [] : path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Array.isArray(current) ? (current as readonly Json[])[Number(key)] : ownValue(current as JsonObject, key);
  }
  return current;
}

/** What the object itself has under a name: `constructor` and the like are no values. */
export const ownValue = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** `{name}` replaced by the values; a name without a value is a mistake in the declaration. */
export function fillTemplate(template: string, values: { readonly [name: string]: string }): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`template "${template}" uses {${name}}, which has no value here`);
    return value;
  });
}
