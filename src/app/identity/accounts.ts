import { tenantId, type TenantId } from '../../kernel/index.ts';

/** A user of the product, at one tenant. */
export interface Account {
  readonly tenant: TenantId;
  readonly principal: string;
}

/** What the authorization server calls them: names repeat from tenant to tenant. */
export const accountIdOf = ({ tenant, principal }: Account): string => `${String(tenant)}/${principal}`;

/** Null: not one of ours. */
export function accountIn(id: string): Account | null {
  const match = /^([1-9]\d{0,9})\/(.+)$/s.exec(id);
  return match === null ? null : { tenant: tenantId(Number(match[1])), principal: match[2] ?? '' };
}
