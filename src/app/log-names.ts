import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Users of the product as logs name them: the same user the same, for whoever
 * has the master key; nobody else can tell who it is, or whether they are in
 * there. So a person's erasure leaves no log to be searched.
 */
export function logNames(masterKey: Uint8Array): (user: string) => string {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'gantry log names', 32));
  return (user) => `user_${createHmac('sha256', key).update(user).digest('hex').slice(0, 16)}`;
}

/** Where there is no key: users are not told apart. */
export const NO_NAME = 'user';
