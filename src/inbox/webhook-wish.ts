import type { GantryError } from '../kernel/index.ts';
import type { ProviderAccess, WebhookSource } from '../connectors/index.ts';

/** A provider that can be told where to call. */
export type Registrar = Required<Pick<WebhookSource, 'register' | 'remove'>>;

/** How to reach it for one connection. */
export interface WebhookProvider {
  readonly registrar: Registrar;
  readonly access: ProviderAccess;
}

export interface WebhookTarget extends WebhookProvider {
  /** Native objects of which it shall tell. */
  readonly objects: readonly string[];
  /** Of address, objects, account and sign-in: another one is registered anew. */
  readonly version: string;
  /** Why it need not be asked: it could not call us. */
  readonly obstacle: GantryError | null;
}

export type WebhookWish =
  | { readonly kind: 'register'; readonly target: WebhookTarget }
  /** Paused, signed out: looked at again later. */
  | { readonly kind: 'not_now' }
  /** The project no longer wants to be told, or the connection is gone. Null: there is no way to tell the provider. */
  | { readonly kind: 'never'; readonly provider: WebhookProvider | null };
