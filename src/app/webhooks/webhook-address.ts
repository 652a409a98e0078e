import { type ConnectionDeps } from '../../connection/index.ts';
import { limits } from '../../kernel/index.ts';
import { addWebhook, readWebhook, rotateWebhookSecret, type InboxKey, type Tx } from '../../store/index.ts';

const PURPOSE = 'webhook_secret';

export interface WebhookAddress {
  readonly url: string;
  readonly secret: string;
}

/** Where providers call, and what they sign with. Addresses are random, so that they cannot be guessed. */
export interface WebhookAddresses {
  /** Made where there is none. Null: it is being removed at this moment. */
  of(tx: Tx, key: InboxKey): Promise<WebhookAddress | null>;
  /** From now on this secret; the one before it is good for a while. */
  keepSecret(tx: Tx, key: InboxKey, secret: string): Promise<void>;
  openSecret(tx: Tx, key: InboxKey, sealed: Uint8Array): Promise<string>;
}

export function createWebhookAddresses(
  { vault, random }: Pick<ConnectionDeps, 'vault' | 'random'>,
  publicUrl: string,
): WebhookAddresses {
  const word = (): string => Buffer.from(random.bytes(32)).toString('base64url');
  const contextOf = ({ connection }: InboxKey) => ({ connection, purpose: PURPOSE });
  const seal = (tx: Tx, key: InboxKey, secret: string): Promise<Uint8Array> =>
    vault.seal(tx, key.tenant, contextOf(key), secret);
  const openSecret: WebhookAddresses['openSecret'] = (tx, key, sealed) =>
    vault.open(tx, key.tenant, contextOf(key), sealed);
  return {
    openSecret,
    of: async (tx, key) => {
      await addWebhook(tx, key, { address: word(), secret: await seal(tx, key, word()) });
      const webhook = await readWebhook(tx, key);
      if (webhook === null) return null;
      return { url: `${publicUrl}/hooks/${webhook.address}`, secret: await openSecret(tx, key, webhook.secret) };
    },
    keepSecret: async (tx, key, secret) => {
      const previousUntil = new Date(tx.now.getTime() + limits.webhookSecretOverlapMs);
      await rotateWebhookSecret(tx, key, { secret: await seal(tx, key, secret), previousUntil });
    },
  };
}
