import { ControlError } from './provider.ts';

/** People that a sandbox is made up to have, at most. */
const PEOPLE_MAX = 200;

/** Reads `generate` of the control `sharing`: `{users, seed?}`. */
export function readPeople(given: Readonly<Record<string, unknown>>): {
  readonly users: number;
  readonly seed: number;
} {
  const { users, seed = 1 } = given;
  if (typeof users !== 'number' || !Number.isInteger(users) || users < 1 || users > PEOPLE_MAX)
    throw new ControlError(`generate wants {users: 1 to ${PEOPLE_MAX}, seed?: whole number}`);
  if (typeof seed !== 'number' || !Number.isInteger(seed)) throw new ControlError('seed must be a whole number');
  return { users, seed };
}
