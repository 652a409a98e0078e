import { inspect } from 'node:util';

/**
 * The object, which shows itself without these values when it is printed or
 * made JSON of, and so does every copy that is made by spreading it: a log line
 * or an error that takes it along by mistake tells no secret. Whoever needs a
 * value reads it as before.
 */
export function hideSecrets<Value extends object>(value: Value, secret: readonly (keyof Value & string)[]): Value {
  const hidden: ReadonlySet<string> = new Set(secret);
  function shown(this: object): object {
    return Object.fromEntries(
      Object.entries(this)
        .filter(([, each]) => each !== shown)
        .map(([name, each]) => [name, hidden.has(name) ? redacted(each) : each] as const),
    );
  }
  return Object.assign(value, { toJSON: shown, [inspect.custom]: shown });
}

/** What is not there may be seen not to be; of several, how many and by which names. */
function redacted(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (value instanceof Map) return new Map([...value.keys()].map((name: unknown) => [name, '[redacted]']));
  if (Array.isArray(value)) return value.map(() => '[redacted]');
  return '[redacted]';
}
