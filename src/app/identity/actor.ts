import type { Operator } from '../../api/index.ts';

/**
 * Who does something: an operator with a name of their own, whatever they call
 * themselves; of the key that several people share, as they say.
 */
export const actorOf = (operator: Operator, by: string | null | undefined): string =>
  operator.role === undefined ? (by ?? operator.name) : operator.name;
