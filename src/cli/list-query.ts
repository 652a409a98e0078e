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
  return new URLSearchParams({ tenant: required(read, 'tenant', usage), ...givenOf(read, names) }).toString();
}

/** The query of a list whose address names the tenant: of `names` what is given. */
export const givenQuery = (read: ReadArguments, names: readonly string[]): string =>
  new URLSearchParams(givenOf(read, names)).toString();

function givenOf({ values }: ReadArguments, names: readonly string[]): Readonly<Record<string, string>> {
  const given = names.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(given);
}
