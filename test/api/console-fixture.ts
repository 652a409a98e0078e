import type { ConsoleUseCases } from '../../src/api/index.ts';
import { GantryError } from '../../src/kernel/index.ts';

/** Not built, and nobody signs in. */
export const noConsole: ConsoleUseCases = {
  secure: false,
  file: async () => null,
  signIn: async () => {
    throw new GantryError('console_sign_in_refused', { message: 'There is no console here.' });
  },
  signOut: async () => undefined,
  bearerOf: async () => null,
  tenants: async () => ['acme'],
  follow: async () => {
    throw new GantryError('not_found', { message: 'There is no news here.' });
  },
};
