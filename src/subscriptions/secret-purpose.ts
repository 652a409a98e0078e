import type { SecretContext } from '../vault/index.ts';

/** Where a subscription's secret is sealed. */
export const secretPurpose = (subscription: number): SecretContext => ({
  connection: null,
  purpose: `subscription_${String(subscription)}`,
});
