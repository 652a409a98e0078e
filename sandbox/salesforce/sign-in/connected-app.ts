import { createPublicKey, type KeyObject } from 'node:crypto';
import { ControlError, type OAuthClient } from '../../kit/index.ts';

/** The app that the org's admin registered: redirect addresses, certificate and who may use it unasked. */
export interface ConnectedApp {
  client(): OAuthClient;
  setRedirectUris(uris: readonly string[]): void;
  /** Key behind the uploaded certificate, with which assertions are checked; null until one is uploaded. */
  publicKey(): KeyObject | null;
  /** The admin approved the app for this user, who therefore need not. */
  isPreauthorized(username: string): boolean;
  /** Applies `{certificate?: PEM or null, preauthorized?: [username, ...] or "all"}`; returns what is in force. */
  configure(input: Readonly<Record<string, unknown>>): unknown;
}

export function createConnectedApp(redirectUris: readonly string[], certificate: string | null): ConnectedApp {
  let client: OAuthClient = {
    clientId: '3MVG9sandbox.gantry.connected.app',
    clientSecret: 'salesforce-sandbox-secret',
    redirectUris,
  };
  let key = certificate === null ? null : readKey(certificate);
  let preauthorized: ReadonlySet<string> | 'all' = new Set();
  return {
    client: () => client,
    setRedirectUris: (uris) => {
      client = { ...client, redirectUris: uris };
    },
    publicKey: () => key,
    isPreauthorized: (username) => preauthorized === 'all' || preauthorized.has(username),
    configure: (input) => {
      if (input['certificate'] !== undefined) {
        key = input['certificate'] === null ? null : readKey(input['certificate']);
      }
      if (input['preauthorized'] !== undefined) preauthorized = readUsers(input['preauthorized']);
      return {
        clientId: client.clientId,
        hasCertificate: key !== null,
        preauthorized: preauthorized === 'all' ? 'all' : [...preauthorized],
      };
    },
  };
}

/** A certificate or a bare public key in PEM; the platform takes RSA only. */
function readKey(pem: unknown): KeyObject {
  if (typeof pem === 'string') {
    try {
      const key = createPublicKey(pem);
      if (key.asymmetricKeyType === 'rsa') return key;
    } catch {
      // Falls through to the message below.
    }
  }
  throw new ControlError('certificate must be an RSA certificate or public key in PEM');
}

function readUsers(value: unknown): ReadonlySet<string> | 'all' {
  if (value === 'all') return 'all';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return new Set(value);
  throw new ControlError('preauthorized must be "all" or a list of usernames');
}
