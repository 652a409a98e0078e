import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Operator } from '../../api/index.ts';
import { GantryError, limits, type Random } from '../../kernel/index.ts';
import { findOauthItem, keepOauthItem, removeOauthItem, type Db } from '../../store/index.ts';
import { operatorSessions, sessionOwner } from '../identity/operator-sessions.ts';

export interface SessionDeps {
  readonly db: Db;
  readonly random: Random;
  /** Null: no operator. */
  readonly findOperator: (bearer: string) => Promise<Operator | null>;
}

export interface Sessions {
  signIn(key: string): Promise<{ readonly session: string; readonly operator: Operator }>;
  signOut(session: string): Promise<void>;
  bearerOf(session: string): Promise<string | null>;
}

const KIND = operatorSessions.console;

/**
 * Browsers' sessions. A session holds what was signed in with, key or token, so
 * that whatever ends or changes that ends or changes the session, and there is
 * one way in which operators are known. It is sealed under the session's own
 * secret, which only the browser has: the database alone opens nothing.
 */
export function createSessions({ db, random, findOperator }: SessionDeps): Sessions {
  return {
    signIn: async (key) => {
      const operator = await findOperator(key);
      if (operator === null) {
        throw new GantryError('console_sign_in_refused', { message: 'That is no operator’s key or token.' });
      }
      if (operator.role === 'backend') {
        throw new GantryError('console_sign_in_refused', { message: 'That is a backend’s key: it is for no person.' });
      }
      const session = Buffer.from(random.bytes(32)).toString('base64url');
      const sealed = seal(session, key, random.bytes(12));
      await db.tx(
        (tx) =>
          keepOauthItem(tx, {
            kind: KIND,
            id: session,
            tenant: null,
            grantId: null,
            uid: sessionOwner(operator.name),
            payload: { sealed },
            expiresAt: new Date(tx.now.getTime() + limits.consoleSessionMs),
          }),
        'console.sign_in',
      );
      return { session, operator };
    },
    signOut: (session) => db.tx((tx) => removeOauthItem(tx, KIND, session), 'console.sign_out'),
    bearerOf: async (session) => {
      const sealed = (await findOauthItem(db, KIND, session))?.payload['sealed'];
      return typeof sealed === 'string' ? unseal(session, sealed) : null;
    },
  };
}

const keyOf = (session: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', session, '', 'gantry console session', 32));

/** AES-256-GCM: nonce, tag, text. */
function seal(session: string, text: string, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(session), nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal(session: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(session), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
