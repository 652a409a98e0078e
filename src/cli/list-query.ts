import { required, type ReadArguments } from './arguments.ts';

/** Options of commands that list something of a tenant. */
export const listOptions = {
  tenant: { type: 'string' },
  connection: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The query of a list: the tenant, and of `names` what is given. */
export function listQuery(read: ReadArguments, usage: string, names: readonly string[]): string {
  const query = new URLSearchParams({ tenant: required(read, 'tenant', usage) });
  for (const name of names) {
    const value = read.values[name];
    if (typeof value === 'string') query.set(name, value);
  }
  return query.toString();
}
